import type { TreeEnsembleAttributes } from "./operators.js";
import { type Dim, formatShape } from "./shape.js";
import { node, type Tensor } from "./tensor.js";

/** Value of a tree ensemble for each row of x [N, D] float32, as [N, 1]. Not differentiable. */
export function treeEnsemble(x: Tensor<"float32">, ensemble: TreeEnsembleAttributes): Tensor<"float32"> {
  if (x.shape.length !== 2)
    throw new TypeError(`treeEnsemble needs [N, D] data, got ${formatShape(x.shape)}`);
  return node("treeEnsemble", [x], ensemble, [x.shape[0] as Dim, 1], "float32");
}
