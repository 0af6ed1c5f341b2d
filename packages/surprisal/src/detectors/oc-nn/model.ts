import {
  add,
  cast,
  div,
  exp,
  matmul,
  mean,
  minimum,
  mul,
  neg,
  type Parameter,
  type RandomStream,
  relu,
  reshape,
  sigmoid,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "@surprisal/engine";
import { batchQuantile, denseParameters } from "../../networks/index.js";
import { saturateFloat32 } from "../../numeric/index.js";

type Float = Tensor<"float32">;

/** Parameters (or tensors): V [inputs, hidden] and w [hidden, 1]. No biases, as published. */
export type OcNn<T> = { readonly hidden: T; readonly output: T };

export type OcNnActivation = "sigmoid" | "linear";

/** Glorot-uniform weights. */
export function ocNnParameters(inputs: number, hidden: number, stream: RandomStream): OcNn<Parameter> {
  return {
    hidden: denseParameters(inputs, hidden, stream).weight,
    output: denseParameters(hidden, 1, stream).weight,
  };
}

/** w · g(V x) of rows x [B, inputs]: [B]. */
export function response({ hidden, output }: OcNn<Float>, activation: OcNnActivation, x: Float): Float {
  const projected = matmul(x, hidden);
  const units = activation === "sigmoid" ? sigmoid(projected) : projected;
  return reshape(matmul(units, output), [x.shape[0]!]);
}

/** Units below exp(-600) are 0 to what they are added to. */
const LARGEST_EXPONENT = 600;

/**
 * What rows x [B, inputs] lack of a constant response: -w · g(V x) for linear units, and w · (1 - g(V x)) for
 * sigmoid ones, [B]. These are near 1 for most rows, where a difference of responses has no digits left.
 */
export function shortfall({ hidden, output }: OcNn<Float>, activation: OcNnActivation, x: Float): Float {
  const exact = (tensor: Float) => cast(tensor, "float64");
  const projected = matmul(exact(x), exact(hidden));
  // ONNX Runtime's sigmoid has no relative precision where it is small.
  const units =
    activation === "sigmoid" ? div(1, add(exp(minimum(projected, LARGEST_EXPONENT)), 1)) : neg(projected);
  return saturateFloat32(reshape(matmul(units as Tensor<"float64">, exact(output)), [x.shape[0]!]));
}

/**
 * ½|w|² + ½|V|² + (1/ν) mean max(0, r - y) - r of responses y [B] (Chalapathy, Menon & Chawla 2018,
 * equation 3), the first two times `penalty`. For given responses the ν-quantile of them is the r for which it is least, so that its
 * gradient by w and V is taken there: the published alternation, at every step.
 */
export function ocNnLoss(
  { hidden, output }: OcNn<Float>,
  y: Float,
  { nu, penalty: weight }: { readonly nu: number; readonly penalty: number },
): Float {
  const r = stopGradient(batchQuantile(y, nu));
  const penalty = mul(add(sum(square(hidden)), sum(square(output))), weight / 2);
  const slack = div(mean(relu(sub(r, y))), nu);
  return sub(add(penalty, slack), r);
}
