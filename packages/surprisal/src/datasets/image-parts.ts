import type { LabelledImages } from "./dataset.js";

/** The training part of a data set of images with its test part. */
export interface ImageParts extends LabelledImages {
  readonly test: LabelledImages;
}
