export type { StateUpdates } from "./block.js";
export type {
  ConvolutionalDecoderBody,
  ConvolutionalEncoderBody,
  DecoderBody,
  DecoderParameters,
  DenseBody,
  EncoderBody,
  EncoderParameters,
} from "./body.js";
export { type ChoiOptions, choiBodies } from "./choi.js";
export { type CladOptions, cladBodies } from "./clad.js";
export {
  type ConvolutionalBodies,
  type ConvolutionalOptions,
  convolutionalBodies,
} from "./convolutional.js";
export { decoderHeads, decoderParameters } from "./decoder.js";
export { encoderFeatures, encoderParameters, encoderWidth } from "./encoder.js";
