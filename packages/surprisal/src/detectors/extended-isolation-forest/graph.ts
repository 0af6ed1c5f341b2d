import {
  add,
  broadcastTo,
  cast,
  clip,
  concat,
  constant,
  exp,
  formatShape,
  matmul,
  mul,
  reshape,
  type Tensor,
  treeEnsemble,
} from "@surprisal/engine";
import { averagePathLength } from "../isolation-forest/path-length.js";
import type { ExtendedIsolationForest, HyperplaneTree } from "./fit.js";

/** Values are limited to this, so that sums of their multiples stay in the range of float64. */
const FARTHEST = 1e140;

/** Trees whose hyperplanes are tested at once. */
const TREES_PER_PRODUCT = 5;

/** How much smaller than memory allows a batch is, so that the products stay in the core's caches. */
const CACHE_SHARE = 16;

/**
 * The summed path lengths of rows in some trees, [N, 1]: on which side of every hyperplane a row
 * lies, by one matrix product, and then trees over the answers. In float64, so that the side does not
 * depend on the order of summation, which differs between batches and runtimes.
 */
function pathLengths(rowsAndOne: Tensor<"float64">, columns: number, trees: readonly HyperplaneTree[]) {
  // Trees that are all leaves still need the rows: one plane, on which every row lies.
  const planes = Math.max(
    1,
    trees.reduce((total, tree) => total + tree.offsets.length, 0),
  );
  const nodes = trees.reduce((total, tree) => total + tree.plane.length, 0);
  // Normals, a column each, over the negative offsets, which the rows' 1 adds.
  const coefficients = new Float64Array((columns + 1) * planes);
  const ensemble = {
    roots: new Int32Array(trees.length),
    feature: new Int32Array(nodes),
    threshold: new Float32Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    value: new Float32Array(nodes),
    aggregate: "sum",
  } as const;
  let firstPlane = 0;
  let firstNode = 0;
  trees.forEach((tree, t) => {
    ensemble.roots[t] = firstNode;
    for (let p = 0; p < tree.offsets.length; p++) {
      for (let j = 0; j < columns; j++) {
        coefficients[j * planes + firstPlane + p] = tree.normals[p * columns + j]!;
      }
      coefficients[columns * planes + firstPlane + p] = -tree.offsets[p]!;
    }
    const moved = (at: number) => (entry: number) => entry + at;
    ensemble.feature.set(
      tree.plane.map((plane) => (plane < 0 ? -1 : plane + firstPlane)),
      firstNode,
    );
    ensemble.left.set(tree.left.map(moved(firstNode)), firstNode);
    ensemble.right.set(tree.right.map(moved(firstNode)), firstNode);
    ensemble.value.set(tree.value, firstNode);
    firstPlane += tree.offsets.length;
    firstNode += tree.plane.length;
  });
  const sides = cast(matmul(rowsAndOne, constant(coefficients, [columns + 1, planes], "float64")), "float32");
  return { length: treeEnsemble(sides, ensemble), planes };
}

/**
 * The anomaly score 2^(-E[h(x)] / c(ψ)) of every row of x, float64 [N, D], as [N] in (0, 1), and the
 * elements of a row that its batch is to be sized by. Throws a `TypeError` where the width or the
 * dtype differs.
 */
export function extendedIsolationForestGraph(
  x: Tensor,
  { trees, columns, sampleSize }: ExtendedIsolationForest,
): { readonly score: Tensor<"float32">; readonly elementsPerRow: number } {
  if (x.dtype !== "float64" || x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(
      `extended-isolation-forest was fitted on float64 [N, ${columns}], got ${x.dtype} ${formatShape(x.shape)}`,
    );
  }
  const near = clip(x as Tensor<"float64">, -FARTHEST, FARTHEST);
  const rowsAndOne = concat([near, broadcastTo(constant([1], [1, 1], "float64"), [x.shape[0]!, 1])], 1);
  let total: Tensor<"float32"> | undefined;
  let elementsPerRow = columns;
  for (let first = 0; first < trees.length; first += TREES_PER_PRODUCT) {
    const { length, planes } = pathLengths(
      rowsAndOne,
      columns,
      trees.slice(first, first + TREES_PER_PRODUCT),
    );
    total = total ? add(total, length) : length;
    elementsPerRow = Math.max(elementsPerRow, planes);
  }
  const score = exp(mul(total!, -Math.LN2 / (trees.length * averagePathLength(sampleSize))));
  return { score: reshape(score, [x.shape[0]!]), elementsPerRow: CACHE_SHARE * elementsPerRow };
}
