import { add, constant, maximum, mean, minimum, mul, sqrt, type Tensor, take } from "@surprisal/engine";
import { nearestNeighbours, searchLayout, toPoints } from "../../neighbours/index.js";
import { distanceFloor, type Lof } from "./fit.js";

/** The local outlier factor of every row of x [N, columns] among the training rows, as [N]. */
export function lofGraph(x: Tensor, { set, neighbours, reach, density }: Lof) {
  const { indices, squares } = nearestNeighbours(toPoints(x, set), set, neighbours);
  const reachability = maximum(take(constant(reach), indices), sqrt(squares));
  const inverseDensity = add(mean(reachability, { axis: 1 }), distanceFloor(set));
  const factor = mul(mean(take(constant(density), indices), { axis: 1 }), inverseDensity);
  return {
    score: minimum(factor, 3e38),
    elementsPerRow: searchLayout(set.count, set.columns, neighbours).elementsPerRow,
  };
}
