import { type RandomStream, randomStream } from "../random/index.js";
import type { Parameter } from "./parameters.js";

/**
 * Initial values. Shapes follow PyTorch: a dense weight is [outputs, inputs], a kernel
 * [outputs, inputs / groups, height, width]; with `layout: "inputsFirst"` a dense weight is
 * [inputs, outputs].
 */
export interface FanOptions {
  readonly layout?: "outputsFirst" | "inputsFirst";
}

export type Initializer = (shape: readonly number[], stream: RandomStream) => Float32Array;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** Inputs and outputs of one unit. Throws a `RangeError` for fewer than two dimensions. */
function fans(shape: readonly number[], { layout = "outputsFirst" }: FanOptions) {
  if (shape.length < 2) throw new RangeError(`fans need two dimensions or more, got [${shape.join(", ")}]`);
  const [first, second, ...window] = shape as [number, number, ...number[]];
  const [outputs, inputs] = layout === "outputsFirst" ? [first, second] : [second, first];
  const field = sizeOf(window);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

function drawUniform(
  shape: readonly number[],
  stream: RandomStream,
  low: number,
  high: number,
): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  stream.fillUniform(values);
  return values.map((u) => low + (high - low) * u);
}

function drawNormal(shape: readonly number[], stream: RandomStream, mean: number, std: number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  stream.fillNormal(values);
  return values.map((z) => mean + std * z);
}

/** U(low, high). */
export const uniform =
  (low: number, high: number): Initializer =>
  (shape, stream) =>
    drawUniform(shape, stream, low, high);

/** N(mean, std²). */
export const normal =
  (mean = 0, std = 1): Initializer =>
  (shape, stream) =>
    drawNormal(shape, stream, mean, std);

/** One value everywhere. */
export const constantValue =
  (value: number): Initializer =>
  (shape) =>
    new Float32Array(sizeOf(shape)).fill(value);

/** U(±√(6 / (fanIn + fanOut))). Glorot and Bengio, 2010, equation 16. */
export const glorotUniform =
  (options: FanOptions = {}): Initializer =>
  (shape, stream) => {
    const { fanIn, fanOut } = fans(shape, options);
    const bound = Math.sqrt(6 / (fanIn + fanOut));
    return drawUniform(shape, stream, -bound, bound);
  };

/** N(0, 2 / (fanIn + fanOut)). Glorot and Bengio, 2010, equation 12. */
export const glorotNormal =
  (options: FanOptions = {}): Initializer =>
  (shape, stream) => {
    const { fanIn, fanOut } = fans(shape, options);
    return drawNormal(shape, stream, 0, Math.sqrt(2 / (fanIn + fanOut)));
  };

/** U(±√(6 / fanIn)), for ReLU. He et al., 2015, equation 10. */
export const heUniform =
  (options: FanOptions = {}): Initializer =>
  (shape, stream) => {
    const bound = Math.sqrt(6 / fans(shape, options).fanIn);
    return drawUniform(shape, stream, -bound, bound);
  };

/** N(0, 2 / fanIn), for ReLU. He et al., 2015, equation 10. */
export const heNormal =
  (options: FanOptions = {}): Initializer =>
  (shape, stream) =>
    drawNormal(shape, stream, 0, Math.sqrt(2 / fans(shape, options).fanIn));

/**
 * U(±1 / √fanIn): what PyTorch's Linear and Conv layers start from, weights and biases alike.
 * For a bias, whose shape does not tell, give `fanIn`.
 */
export const torchLinear =
  (options: FanOptions & { readonly fanIn?: number } = {}): Initializer =>
  (shape, stream) => {
    const bound = 1 / Math.sqrt(options.fanIn ?? fans(shape, options).fanIn);
    return drawUniform(shape, stream, -bound, bound);
  };

/**
 * A parameter drawn from the stream `parameters/NAME` of the seed, so that adding one parameter
 * leaves the others as they are.
 */
export function parameter(
  shape: readonly number[],
  initializer: Initializer,
  { seed, name, trainable = true }: { seed: number; name: string; trainable?: boolean },
): Parameter {
  return { shape, initial: initializer(shape, randomStream(seed, `parameters/${name}`)), trainable };
}
