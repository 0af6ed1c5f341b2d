import {
  add,
  maxPool2d,
  mean,
  type Parameter,
  type RandomStream,
  relu,
  type Tensor,
} from "@surprisal/engine";
import { type Dense, dense, denseParameters } from "../dense.js";
import type { Classification, Mode, ResNet18Body } from "./body.js";
import { imageOf, mapsOf } from "./image.js";
import {
  type Normalized,
  type Normalizer,
  normalizedConvolution,
  normalizedConvolutionParameters,
  normalizer,
} from "./normalized.js";

type Float = Tensor<"float32">;

/** Two convolutions whose result is added to what they are given, or to its projection where shapes differ. */
type ResidualBlock<T> = {
  readonly first: Normalized<T>;
  readonly second: Normalized<T>;
  readonly shortcut?: Normalized<T>;
};

/** Parameters (or tensors) of a residual network. */
export type ResNet<T> = {
  readonly stem: Normalized<T>;
  readonly blocks: readonly ResidualBlock<T>[];
  readonly output: Dense<T>;
};

interface BlockShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
}

const GROUPS = 4;
const BLOCKS_PER_GROUP = 2;

/** The blocks in order; the first of each group but the first group halves the maps. */
function blocksOf({ width }: ResNet18Body): BlockShape[] {
  return Array.from({ length: GROUPS * BLOCKS_PER_GROUP }, (_, i) => {
    const group = Math.floor(i / BLOCKS_PER_GROUP);
    const isFirst = i % BLOCKS_PER_GROUP === 0 && group > 0;
    const outputs = width * 2 ** group;
    return { inputs: isFirst ? outputs / 2 : outputs, outputs, stride: isFirst ? 2 : 1 };
  });
}

function blockParameters({ inputs, outputs, stride }: BlockShape, stream: RandomStream) {
  return {
    first: normalizedConvolutionParameters([outputs, inputs, 3, 3], stream),
    second: normalizedConvolutionParameters([outputs, outputs, 3, 3], stream),
    ...(stride > 1 && { shortcut: normalizedConvolutionParameters([outputs, inputs, 1, 1], stream) }),
  };
}

/** Throws a `RangeError` for rows that are no images. */
export function resNetParameters(
  body: ResNet18Body,
  row: readonly number[],
  classes: number,
  stream: RandomStream,
): ResNet<Parameter> {
  const [, , channels] = imageOf(row);
  const kernel = body.stem === "published" ? 7 : 3;
  return {
    stem: normalizedConvolutionParameters([body.width, channels, kernel, kernel], stream),
    blocks: blocksOf(body).map((block) => blockParameters(block, stream)),
    output: denseParameters(8 * body.width, classes, stream),
  };
}

function residual(tensors: ResidualBlock<Float>, { stride }: BlockShape, x: Float, norms: Normalizer): Float {
  const first = relu(normalizedConvolution(tensors.first, x, norms, stride));
  const second = normalizedConvolution(tensors.second, first, norms);
  const shortcut = tensors.shortcut ? normalizedConvolution(tensors.shortcut, x, norms, stride) : x;
  return relu(add(second, shortcut));
}

function stem(tensors: Normalized<Float>, body: ResNet18Body, x: Float, norms: Normalizer): Float {
  if (body.stem === "small") return relu(normalizedConvolution(tensors, x, norms));
  const half = relu(normalizedConvolution(tensors, x, norms, 2));
  return maxPool2d(half, 3, { strides: 2, padding: 1 });
}

export function resNetClassification(
  tensors: ResNet<Float>,
  body: ResNet18Body,
  row: readonly number[],
  x: Float,
  mode: Mode,
): Classification {
  const norms = normalizer(mode);
  const shapes = blocksOf(body);
  const maps = tensors.blocks.reduce(
    (input, block, i) => residual(block, shapes[i]!, input, norms),
    stem(tensors.stem, body, mapsOf(x, row), norms),
  );
  const features = mean(maps, { axis: [2, 3] });
  return { logits: dense(tensors.output, features), features, state: norms.state };
}

export function resNetElements({ width, stem }: ResNet18Body, row: readonly number[]): number {
  const [height, columns, channels] = imageOf(row);
  const pixels = height * columns;
  return Math.max(pixels * channels, (pixels * width) / (stem === "published" ? 4 : 1));
}
