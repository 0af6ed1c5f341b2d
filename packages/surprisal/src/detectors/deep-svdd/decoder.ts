import {
  broadcastTo,
  conv2d,
  matmul,
  type Parameter,
  type RandomStream,
  reshape,
  sigmoid,
  slice,
  type Tensor,
} from "@surprisal/engine";
import { toRows } from "../../networks/index.js";
import {
  type ConvolutionalSvddBody,
  type Normalize,
  type NormedConvolution,
  normedConvolution,
  poolSizes,
  rectify,
  type SvddBody,
  weightParameter,
} from "./body.js";

type Float = Tensor<"float32">;

/** Parameters (or tensors) of what goes back from the outputs to the row, in pretraining alone. */
export type SvddDecoder<T> = {
  readonly dense: readonly { readonly weight: T }[];
  readonly convolutions: readonly NormedConvolution<T>[];
  /** The last convolutions' kernel; none of a dense body. */
  readonly last: readonly { readonly kernel: T }[];
};

interface Start {
  readonly size: readonly [number, number];
  readonly channels: number;
  /** Whether a dense layer makes the map; else the outputs are the map. */
  readonly isDense: boolean;
}

/** The map that the decoder starts from: the outputs themselves where they fill one, as published. */
function startOf(body: ConvolutionalSvddBody): Start {
  const pooled = poolSizes(body).at(-1)!;
  const half = pooled.map((side) => Math.ceil(side / 2)) as [number, number];
  for (const size of [pooled, half]) {
    const channels = body.latent / (size[0] * size[1]);
    if (Number.isInteger(channels)) return { size, channels, isDense: false };
  }
  return { size: pooled, channels: body.filters.at(-1)!, isDense: true };
}

export function decoderParameters(body: SvddBody, stream: RandomStream): SvddDecoder<Parameter> {
  if (body.kind === "dense") {
    const widths = [body.latent, ...[...body.hidden].reverse(), body.width];
    const dense = widths
      .slice(1)
      .map((width, i) => ({ weight: weightParameter([widths[i]!, width], stream) }));
    return { dense, convolutions: [], last: [] };
  }
  const { size, channels, isDense } = startOf(body);
  const { filters, kernel, image, latent } = body;
  const backwards = [...filters].reverse();
  const inputs = [channels, ...backwards];
  return {
    dense: isDense ? [{ weight: weightParameter([latent, size[0] * size[1] * channels], stream) }] : [],
    convolutions: backwards.map((count, i) => normedConvolution(inputs[i]!, count, kernel, stream)),
    last: [{ kernel: weightParameter([image[2], filters[0]!, kernel, kernel], stream) }],
  };
}

/** Every pixel repeated in both directions, as often as reaches the size, and cut to it. */
function enlarge(x: Float, [height, width]: readonly [number, number]): Float {
  const [rows, channels, h, w] = x.shape as readonly [number, number, number, number];
  const [down, across] = [Math.ceil(height / h), Math.ceil(width / w)];
  const spread = broadcastTo(reshape(x, [rows, channels, h, 1, w, 1]), [rows, channels, h, down, w, across]);
  const repeated = reshape(spread, [rows, channels, h * down, w * across]);
  return h * down === height && w * across === width
    ? repeated
    : slice(repeated, { 2: { end: height }, 3: { end: width } });
}

/** Rows [B, width] from outputs z [B, latent]; those of images lie in (0, 1). */
export function decode(
  { dense, convolutions, last }: SvddDecoder<Float>,
  body: SvddBody,
  z: Float,
  normalize: Normalize,
): Float {
  const hidden = dense.reduce((below, { weight }) => matmul(rectify(below), weight), z);
  if (body.kind === "dense") return hidden;
  const { size, channels } = startOf(body);
  const sizes = poolSizes(body);
  const pooled = sizes.at(-1)!;
  const start = rectify(reshape(hidden, [z.shape[0]!, channels, ...size]));
  const maps = convolutions.reduce(
    (map, { kernel, norm }, i) =>
      enlarge(rectify(normalize(norm, conv2d(map, kernel, { padding: "same" }))), sizes.at(-2 - i)!),
    size[0] === pooled[0] && size[1] === pooled[1] ? start : enlarge(start, pooled),
  );
  return toRows(sigmoid(conv2d(maps, last[0]!.kernel, { padding: "same" })));
}
