import { blocked, keyOf, withoutRepeats } from "../../layout/arrangement.js";
import { int, ints } from "../../onnx/attribute.js";
import { isStatic } from "../../tensor/shape.js";
import { isOperator, type Tensor } from "../../tensor/tensor.js";
import type { Analysis } from "../rule.js";
import { type Activation, activationAttributes, activationOf } from "./activation.js";
import { biasVector } from "./bias.js";
import { addBlocked, type NativeBuilder, padEnd, roundUp, shaped } from "./builder.js";
import { rearranged } from "./rearrange.js";
import type { Value } from "./value.js";

/**
 * x · scale + shift + addend with a rectifier behind it, where scale and shift are one number a channel:
 * what batch norms and residual connections are made of.
 */
export interface Affine {
  /** [N, C, H, W], as the result. */
  readonly x: Tensor;
  readonly scale?: Tensor;
  readonly shift?: Tensor;
  readonly isSubtracted: boolean;
  /** [N, C, H, W] */
  readonly addend?: Tensor;
  readonly activation?: Activation;
}

/** Whether a tensor is the same at every image and place, but not in every channel. */
function isPerChannel(tensor: Tensor): boolean {
  const { shape } = tensor;
  return (
    shape.length <= 4 &&
    shape.some((size) => size !== 1) &&
    shape.every((size, axis) => size === 1 || axis - shape.length === -3)
  );
}

/** The operand without the broadcasts over images and places, where it is one number a channel. */
function perChannel(operand: Tensor): Tensor | undefined {
  let narrow = operand;
  while (isOperator(narrow, "broadcastTo")) narrow = narrow.operands[0] as Tensor;
  return isPerChannel(narrow) ? narrow : undefined;
}

function isFull(operand: Tensor, like: Tensor): boolean {
  if (isOperator(operand, "broadcastTo")) return false;
  return operand.shape.length === 4 && operand.shape.every((size, axis) => size === like.shape[axis]);
}

/** Both orders of two operands, the first of which is a whole image. */
function pairs(tensor: Tensor): (readonly [Tensor, Tensor])[] {
  const [a, b] = tensor.operands as [Tensor, Tensor];
  return (
    [
      [a, b],
      [b, a],
    ] as const
  ).filter(([whole]) => isFull(whole, tensor));
}

function scaled(tensor: Tensor): Affine | undefined {
  if (!isOperator(tensor, "mul")) return undefined;
  for (const [x, factor] of pairs(tensor)) {
    const scale = perChannel(factor);
    if (scale) return { x, scale, isSubtracted: false };
  }
  return undefined;
}

function shifted(tensor: Tensor, analysis: Analysis): Affine | undefined {
  const isSubtracted = isOperator(tensor, "sub");
  if (!isSubtracted && !isOperator(tensor, "add")) return scaled(tensor);
  for (const [x, term] of isSubtracted ? pairs(tensor).slice(0, 1) : pairs(tensor)) {
    if (isSubtracted && x !== tensor.operands[0]) return undefined;
    const shift = perChannel(term);
    if (!shift) continue;
    const inner = analysis.uses(x) === 1 ? scaled(x) : undefined;
    return { ...(inner ?? { x }), shift, isSubtracted };
  }
  return undefined;
}

function summed(tensor: Tensor, analysis: Analysis): Affine | undefined {
  const own = shifted(tensor, analysis);
  if (own || !isOperator(tensor, "add")) return own;
  for (const [product, addend] of pairs(tensor)) {
    if (!isFull(addend, tensor) || analysis.uses(product) !== 1) continue;
    const inner = shifted(product, analysis);
    if (inner) return { ...inner, addend };
  }
  return undefined;
}

/** What `tensor` and its operands become together, where that is one affine map of the channels. */
export function affineOf(tensor: Tensor, analysis: Analysis): Affine | undefined {
  if (tensor.dtype !== "float32" || tensor.shape.length !== 4 || !isStatic(tensor.shape)) return undefined;
  const activation = activationOf(tensor);
  if (!activation) return summed(tensor, analysis);
  const inner = tensor.operands[0] as Tensor;
  const affine = analysis.uses(inner) === 1 ? summed(inner, analysis) : undefined;
  return affine && { ...affine, activation };
}

/** The tensors whose values it reads. */
export function affineReads({ x, scale, shift, addend }: Affine): Tensor[] {
  return [x, scale, shift, addend].filter((tensor) => tensor !== undefined);
}

/**
 * The map as one blocked convolution of each channel with itself and a kernel of 1 × 1, which is a third of
 * the time of a product and a sum that broadcast over the images. Undefined where x does not lie in blocks.
 */
export function emitAffine(builder: NativeBuilder, affine: Affine): Value | undefined {
  const { block, context } = builder;
  const value = builder.valueOf(affine.x);
  const shape = value.arrangement.shape as readonly [number, number, number, number];
  const [batch, channels, height, width] = shape;
  if (block === undefined || height * width === 1) return undefined;
  const lying = blocked(shape, block);
  if (keyOf(withoutRepeats(value.arrangement)) !== keyOf(lying)) return undefined;
  const wide = roundUp(channels, block);
  const dims = [batch, wide, height, width];
  const vector = (tensor: Tensor) =>
    padEnd(builder, biasVector(builder, tensor, channels), [channels], [wide]);
  const ones = { dtype: "float32", shape: [wide, 1, 1, 1], data: new Float32Array(wide).fill(1) } as const;
  const weights = affine.scale
    ? shaped(builder, vector(affine.scale), [wide], [wide, 1, 1, 1])
    : context.constant(ones);
  const inputs = [shaped(builder, value.name, value.dims, dims), weights];
  if (affine.shift) {
    const shift = vector(affine.shift);
    inputs.push(affine.isSubtracted ? context.add("Neg", [shift]) : shift);
  }
  let isZeroPadded = value.isZeroPadded;
  if (affine.addend) {
    const addend = rearranged(builder, builder.valueOf(affine.addend), lying);
    isZeroPadded &&= addend.isZeroPadded;
    if (!affine.shift) inputs.push("");
    inputs.push(shaped(builder, addend.name, addend.dims, dims));
  }
  const name = addBlocked(builder, "Conv", inputs, {
    kernel_shape: ints([1, 1]),
    strides: ints([1, 1]),
    dilations: ints([1, 1]),
    pads: ints([0, 0, 0, 0]),
    group: int(wide),
    ...activationAttributes(affine.activation),
  });
  return { name, dims, arrangement: lying, dtype: "float32", isZeroPadded };
}
