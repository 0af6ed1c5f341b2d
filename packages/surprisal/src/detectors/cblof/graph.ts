import { constant, minimum, mul, type Tensor, take } from "@surprisal/engine";
import type { PointSet } from "../../neighbours/index.js";
import { centerDistances } from "../kmeans-distance/graph.js";

export interface Cblof {
  /** Centres of all clusters, in the units of the training rows' point set. */
  readonly centers: PointSet;
  /** Rows of each cluster. */
  readonly sizes: Uint32Array;
  /** The large clusters. */
  readonly large: readonly number[];
}

/**
 * The cluster-based local outlier factor of every row of x [N, columns], as [N]: the distance from
 * the nearest large centre, times the size of the row's own cluster where it is weighted.
 */
export function cblofGraph(x: Tensor, { centers, sizes, large }: Cblof, isWeighted: boolean) {
  const { columns, points } = centers;
  const largePoints = new Float32Array(large.length * columns);
  large.forEach((cluster, i) => {
    largePoints.set(points.subarray(cluster * columns, (cluster + 1) * columns), i * columns);
  });
  const toLarge = centerDistances(x, { ...centers, points: largePoints, count: large.length });
  if (!isWeighted) return { score: toLarge.distance, elementsPerRow: toLarge.elementsPerRow };
  const own = centerDistances(x, centers);
  const weight = take(constant(Float32Array.from(sizes)), own.center);
  return {
    score: minimum(mul(toLarge.distance, weight), 3e38),
    elementsPerRow: Math.max(toLarge.elementsPerRow, own.elementsPerRow),
  };
}
