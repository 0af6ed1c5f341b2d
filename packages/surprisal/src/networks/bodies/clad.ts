import type { ConvolutionShape, ImageShape } from "../convolution.js";
import type { ConvolutionalBodies } from "./convolutional.js";

export interface CladOptions {
  /**
   * Channels of the first convolution; the others have two and four times as many. Default 4 of a grey
   * image and 16 a channel of one in colour.
   */
  readonly depth?: number;
}

/**
 * The convolutional networks of CLAD (Park et al. 2021): 3 × 3 kernels, maximum pooling and ELU, then a
 * dense layer of 512 with ReLU; back by transposed convolutions of 4 × 4. A grey image has one convolution
 * at each size, one in colour has two with batch normalisation.
 *
 * With two heads of 10 codes the small encoder has 413,684 parameters on images of 28 × 28 × 1 and the
 * decoder 410,433; the large ones with codes of 200 have 7.14 and 7.21 million on 32 × 32 × 3.
 *
 * Throws a `RangeError` for images whose sides are not multiples of 4 from 8 on.
 */
export function cladBodies(image: ImageShape, options: CladOptions = {}): ConvolutionalBodies {
  const [height, width, channels] = image;
  if ([height, width].some((side) => side % 4 !== 0 || side < 8)) {
    throw new RangeError(
      `this network needs images whose sides are multiples of 4 from 8 on, got ${height} × ${width}`,
    );
  }
  const isLarge = channels > 1;
  const { depth = isLarge ? 16 * channels : 4 } = options;
  const convolution = (filters: number): ConvolutionShape => ({ kind: "convolution", filters, kernel: 3 });
  const pooled = (filters: number): ConvolutionShape => ({ ...convolution(filters), pool: 2 });
  const larger = (filters: number): ConvolutionShape => ({
    kind: "transposed",
    filters,
    kernel: 4,
    stride: 2,
  });
  const [few, some, many] = [depth, 2 * depth, 4 * depth];
  const start: ImageShape = [height / 4, width / 4, many];
  const shared = {
    kind: "convolutional",
    image,
    activation: "elu",
    denseActivation: "relu",
    batchNorm: isLarge,
  } as const;
  return {
    encoder: {
      ...shared,
      centred: false,
      layers: isLarge
        ? [
            convolution(few),
            pooled(few),
            convolution(some),
            pooled(some),
            convolution(many),
            convolution(many),
          ]
        : [pooled(few), pooled(some), convolution(many)],
      dense: [512],
    },
    decoder: {
      ...shared,
      dense: [512, start[0] * start[1] * many],
      start,
      layers: isLarge
        ? [convolution(many), larger(some), convolution(some), larger(few), convolution(few)]
        : [larger(some), larger(few)],
      output: { kind: "convolution", kernel: 3 },
    },
  };
}
