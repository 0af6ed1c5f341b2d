import {
  add,
  cast,
  clip,
  constant,
  exp,
  formatShape,
  matmul,
  mul,
  reshape,
  sub,
  type Tensor,
  treeEnsemble,
} from "@surprisal/engine";
import { averagePathLength } from "../isolation-forest/path-length.js";
import type { ExtendedIsolationForest, HyperplaneTree } from "./fit.js";

/** Values are limited to this, so that sums of their multiples stay in the range of float64. */
const FARTHEST = 1e140;

/** Trees whose hyperplanes are tested at once: the results stay in the core's caches. */
const TREES_PER_PRODUCT = 5;

/**
 * The summed path lengths of rows in some trees, [N, 1]: on which side of every hyperplane a row
 * lies, by one matrix product, and then trees over the answers. In float64, so that the side does not
 * depend on the order of summation, which differs between batches and runtimes.
 */
function pathLengths(x: Tensor<"float64">, columns: number, trees: readonly HyperplaneTree[]) {
  // Trees that are all leaves still need the rows: one plane, on which every row lies.
  const planes = Math.max(
    1,
    trees.reduce((total, tree) => total + tree.offsets.length, 0),
  );
  const nodes = trees.reduce((total, tree) => total + tree.plane.length, 0);
  const normals = new Float64Array(columns * planes);
  const offsets = new Float64Array(planes);
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
    offsets.set(tree.offsets, firstPlane);
    for (let p = 0; p < tree.offsets.length; p++) {
      for (let j = 0; j < columns; j++) {
        normals[j * planes + firstPlane + p] = tree.normals[p * columns + j]!;
      }
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
  const places = matmul(x, constant(normals, [columns, planes], "float64"));
  const sides = cast(sub(places, constant(offsets, [planes], "float64")), "float32");
  return { length: treeEnsemble(sides, ensemble), planes };
}

/**
 * The anomaly score 2^(-E[h(x)] / c(ψ)) of every row of x, float64 [N, D], as [N] in (0, 1), and the
 * elements of the largest intermediate value of a row. Throws a `TypeError` where the width or the
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
  let total: Tensor<"float32"> | undefined;
  let elementsPerRow = columns;
  for (let first = 0; first < trees.length; first += TREES_PER_PRODUCT) {
    const { length, planes } = pathLengths(near, columns, trees.slice(first, first + TREES_PER_PRODUCT));
    total = total ? add(total, length) : length;
    elementsPerRow = Math.max(elementsPerRow, planes);
  }
  const score = exp(mul(total!, -Math.LN2 / (trees.length * averagePathLength(sampleSize))));
  return { score: reshape(score, [x.shape[0]!]), elementsPerRow };
}
