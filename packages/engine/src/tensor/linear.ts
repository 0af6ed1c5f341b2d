import type { FloatDType, NumericDType } from "./dtype.js";
import { mul } from "./elementwise.js";
import { expandDims, reshape, squeeze, transpose } from "./movement.js";
import { sum } from "./reduction.js";
import { broadcastShapes, type Dim, dimEquals, formatShape, sizeOf } from "./shape.js";
import { node, type Tensor } from "./tensor.js";

/** numpy.matmul: matrix product over the last two axes, leading axes broadcast; vectors as numpy. */
export function matmul<D extends FloatDType>(a: Tensor<D>, b: Tensor<D>): Tensor<D> {
  if (a.dtype !== b.dtype) throw new TypeError(`matmul needs one dtype, got ${a.dtype} and ${b.dtype}`);
  if (a.shape.length === 0 || b.shape.length === 0) throw new TypeError("matmul needs at least one axis");
  if (a.shape.length === 1) {
    return squeeze(matmul(expandDims(a, 0), b), b.shape.length === 1 ? -1 : -2);
  }
  if (b.shape.length === 1) return squeeze(matmul(a, expandDims(b, 1)), -1);
  const [rows, inner] = a.shape.slice(-2) as [Dim, Dim];
  const [innerB, columns] = b.shape.slice(-2) as [Dim, Dim];
  if (!dimEquals(inner, innerB)) {
    throw new TypeError(`matmul of ${formatShape(a.shape)} and ${formatShape(b.shape)} does not fit`);
  }
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return node("matmul", [a, b], {}, [...batch, rows, columns], a.dtype);
}

interface Term {
  readonly labels: string;
  readonly tensor: Tensor<FloatDType>;
}

/** Labels that occur in neither the other term nor the output are summed away. */
function sumLone(term: Term, others: string): Term {
  const axis = [...term.labels].flatMap((label, i) => (others.includes(label) ? [] : [i]));
  if (axis.length === 0) return term;
  const labels = [...term.labels].filter((label) => others.includes(label)).join("");
  return { labels, tensor: sum(term.tensor, { axis }) };
}

/** The term with its axes in the order of `labels`, which must be a permutation of its own. */
function reorder(term: Term, labels: string): Tensor<FloatDType> {
  return transpose(
    term.tensor,
    [...labels].map((label) => term.labels.indexOf(label)),
  );
}

function contract(left: Term, right: Term, needed: string): Term {
  const a = sumLone(left, right.labels + needed);
  const b = sumLone(right, left.labels + needed);
  const shared = [...a.labels].filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.includes(label)).join("");
  const inner = shared.filter((label) => !needed.includes(label)).join("");
  const rows = [...a.labels].filter((label) => !b.labels.includes(label)).join("");
  const columns = [...b.labels].filter((label) => !a.labels.includes(label)).join("");
  const dimOf = (label: string): Dim => {
    const from = a.labels.includes(label) ? a : b;
    return from.tensor.shape[from.labels.indexOf(label)] as Dim;
  };
  const dims = (labels: string): Dim[] => [...labels].map(dimOf);
  const x = reorder(a, batch + rows + inner);
  const y = reorder(b, batch + inner + columns);
  const labels = batch + rows + columns;
  if (inner === "") {
    const wide = reshape(x, [...dims(batch), ...dims(rows), ...[...columns].map(() => 1)]);
    const tall = reshape(y, [...dims(batch), ...[...rows].map(() => 1), ...dims(columns)]);
    return { labels, tensor: mul(wide, tall) };
  }
  const size = (group: string) => sizeOf(dims(group));
  const product = matmul(
    reshape(x, [...dims(batch), size(rows), size(inner)]),
    reshape(y, [...dims(batch), size(inner), size(columns)]),
  );
  return { labels, tensor: reshape(product, dims(labels)) };
}

/**
 * numpy.einsum with an explicit output, for instance `einsum("bi,oi->bo", x, w)`. Operands are
 * contracted from left to right, each pair as one matrix product. A label may not repeat within
 * an operand.
 */
export function einsum<D extends FloatDType>(equation: string, ...tensors: Tensor<D>[]): Tensor<D> {
  const [inputs, output] = equation.replaceAll(" ", "").split("->");
  const terms = inputs?.split(",") ?? [];
  if (output === undefined || terms.length !== tensors.length || tensors.length === 0) {
    throw new TypeError(
      `einsum "${equation}" needs one term for each of ${tensors.length} operands and an output`,
    );
  }
  const dims = new Map<string, Dim>();
  const parsed: Term[] = terms.map((labels, i) => {
    const tensor = tensors[i] as Tensor<D>;
    if (labels.length !== tensor.shape.length || new Set(labels).size !== labels.length) {
      throw new TypeError(`einsum term "${labels}" does not fit ${formatShape(tensor.shape)}`);
    }
    for (const [axis, label] of [...labels].entries()) {
      const dim = tensor.shape[axis] as Dim;
      if (!dimEquals(dims.get(label) ?? dim, dim)) {
        throw new TypeError(`einsum "${equation}": label ${label} has two different lengths`);
      }
      dims.set(label, dim);
    }
    return { labels, tensor };
  });
  if (new Set(output).size !== output.length || [...output].some((label) => !dims.has(label))) {
    throw new TypeError(`einsum output "${output}" must name distinct labels of the operands`);
  }
  let result = parsed[0] as Term;
  for (let i = 1; i < parsed.length; i++) {
    const later = parsed
      .slice(i + 1)
      .map((term) => term.labels)
      .join("");
    result = contract(result, parsed[i] as Term, later + output);
  }
  return reorder(sumLone(result, output), output) as Tensor<D>;
}

/** Σ a·b over the last axis, broadcasting the others. */
export function dot<D extends NumericDType>(a: Tensor<D>, b: Tensor<D>): Tensor<D> {
  return sum(mul(a, b) as Tensor<D>, { axis: -1 });
}
