import { add, mul, sub, type Tensor } from "@surprisal/engine";
import type { ScoreGraph } from "../../detector/index.js";
import { saturateFloat32 } from "../../numeric/index.js";
import {
  type Boundary,
  centred,
  expansionElements,
  expansionGraph,
  squaredNorms,
} from "../../support-vectors/index.js";

/**
 * |Φ(x) - c|² - R² of every row of x, float64 [N, columns]: [N], above 0 outside. With a = α / total
 * it is K(x, x) - 2 Σ a_i K(x_i, x) + 2 rho / total, in which |c|² has gone into rho.
 */
export function svddGraph(x: Tensor, { expansion, rho, total }: Boundary): ScoreGraph {
  const moved = centred(x, expansion);
  const own = expansion.kernel === "linear" ? squaredNorms(moved) : 1;
  const value = mul(sub(expansionGraph(moved, expansion), rho), 2 / total);
  const score = typeof own === "number" ? add(mul(value, -1), own) : sub(own, value);
  return { score: saturateFloat32(score), elementsPerRow: expansionElements(expansion) };
}
