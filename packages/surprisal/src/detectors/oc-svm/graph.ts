import { scalar, sub, type Tensor } from "@surprisal/engine";
import type { ScoreGraph } from "../../detector/index.js";
import { saturateFloat32 } from "../../numeric/index.js";
import { type Boundary, centred, expansionElements, expansionGraph } from "../../support-vectors/index.js";

/** rho - Σ α_i K(x_i, x) of every row of x, float64 [N, columns]: [N], above 0 outside. */
export function ocSvmGraph(x: Tensor, { expansion, rho }: Boundary): ScoreGraph {
  const value = expansionGraph(centred(x, expansion), expansion);
  return {
    score: saturateFloat32(sub(scalar(rho, "float64"), value)),
    elementsPerRow: expansionElements(expansion),
  };
}
