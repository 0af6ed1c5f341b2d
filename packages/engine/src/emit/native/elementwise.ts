import {
  type Arrangement,
  broadcast,
  isPadded,
  isRepeated,
  keyOf,
  plain,
  product,
  withoutRepeats,
} from "../../layout/arrangement.js";
import type { Operator } from "../../tensor/operators.js";
import type { Tensor } from "../../tensor/tensor.js";
import { unbroadcast } from "../elementwise.js";
import { portable } from "../portable.js";
import type { Rule } from "../rule.js";
import { type NativeBuilder, shaped } from "./builder.js";
import { alignedDims, rearranged, restricted } from "./rearrange.js";
import type { Value } from "./value.js";

/** Functions of one operand with f(0) = 0. */
const keepsZero: ReadonlySet<Operator> = new Set([
  ...(["neg", "abs", "sign", "floor", "ceil", "round", "sin", "tanh", "erf"] as const),
  ...(["relu", "step", "leakyRelu", "sqrt", "cast"] as const),
]);
const keepsZeros: ReadonlySet<Operator> = new Set(["add", "sub", "minimum", "maximum"]);

/** Whether zeros in padded places stay zeros, so that they never reach a sum or a product as NaN. */
function staysZero(operator: Operator, isZero: readonly boolean[]): boolean {
  if (operator === "mul") return isZero.some(Boolean);
  return (keepsZero.has(operator) || keepsZeros.has(operator)) && isZero.every(Boolean);
}

function isVarying(arrangement: Arrangement, axis: number): boolean {
  return arrangement.shape[axis]! > 1 && !isRepeated(arrangement, axis);
}

/** The axes along which some operand varies. */
function varyingShape(arrangements: readonly Arrangement[], shape: readonly number[]): number[] {
  return shape.map((size, axis) => (arrangements.some((one) => isVarying(one, axis)) ? size : 1));
}

/**
 * The arrangement to compute in: the one that most operands have which vary along all axes, and
 * one that is not row-major before one that is, as it will be wanted again.
 */
function commonArrangement(arrangements: readonly Arrangement[], shape: readonly number[]): Arrangement {
  const votes = new Map<string, { readonly arrangement: Arrangement; score: number }>();
  for (const one of arrangements) {
    const arrangement = withoutRepeats(one);
    if (!arrangement.shape.every((size, axis) => size === shape[axis])) continue;
    const key = keyOf(arrangement);
    const vote = votes.get(key) ?? { arrangement, score: key === keyOf(plain(shape)) ? 0 : 0.5 };
    votes.set(key, vote);
    vote.score += isPadded(arrangement) || arrangement.sizes.length > 1 ? 1.25 : 1;
  }
  const best = [...votes.values()].toSorted((a, b) => b.score - a.score)[0];
  return best?.arrangement ?? plain(shape);
}

/** Whether a value has only zeros in the places that pad the common arrangement. */
function isZeroThere(value: Value, arrangement: Arrangement, common: Arrangement): boolean {
  const paddedAxes = common.shape.flatMap((size, axis) =>
    product(common.parts[axis]!.map((part) => common.sizes[part]!)) > size ? [axis] : [],
  );
  return value.isZeroPadded && paddedAxes.every((axis) => isVarying(arrangement, axis));
}

/** The result of an elementwise operator, computed on whatever order its operands lie in. */
export function emitElementwise(builder: NativeBuilder, x: Tensor): Value {
  const operands = unbroadcast(x);
  const values = operands.map((operand) => builder.valueOf(operand));
  const outShape = x.shape as readonly number[];
  const arrangements = values.map((value) => broadcast(value.arrangement, outShape));
  const shape = varyingShape(arrangements, outShape);
  let common = commonArrangement(arrangements, shape);
  const zeros = values.map((value, i) => isZeroThere(value, arrangements[i]!, common));
  if (isPadded(common) && !staysZero(x.operator, zeros)) common = plain(shape);

  const aligned = values.map((value, i) => {
    const cut = { ...value, arrangement: withoutRepeats(arrangements[i]!) };
    return rearranged(builder, cut, restricted(common, cut.arrangement.shape));
  });
  const full = aligned.find((value) => keyOf(value.arrangement) === keyOf(common));
  const isSimple = aligned.every(
    (value) => value.arrangement.sizes.length === 0 || keyOf(value.arrangement) === keyOf(common),
  );
  // Axes of length 1 at the end make ONNX Runtime go through broadcasts element by element.
  const dims = isSimple && full && !full.dims.includes(1) ? full.dims : common.sizes;
  const names = new Map(
    aligned.map((value, i) => {
      const isFull = keyOf(value.arrangement) === keyOf(common);
      const isScalar = value.arrangement.sizes.length === 0;
      const own = isFull ? dims : isScalar ? [] : alignedDims(common, value.arrangement.shape);
      const isSame = isScalar && value.dims.length <= dims.length;
      return [operands[i]!, isSame ? value.name : shaped(builder, value.name, value.dims, own)] as const;
    }),
  );
  const rule = portable.rules[x.operator] as Rule;
  const name = rule.emit(x, {
    ...builder.context,
    // The operands stand as they are: nothing is fused into them.
    uses: () => 2,
    nameOf: (tensor) => names.get(tensor)!,
  });
  return {
    name,
    dims,
    arrangement: broadcast(common, outShape),
    dtype: x.dtype,
    isZeroPadded: !isPadded(common) || staysZero(x.operator, zeros),
  };
}
