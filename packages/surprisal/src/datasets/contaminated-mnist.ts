import { randomStream } from "@surprisal/engine";
import { concatArrays, takeArrayRows } from "../data/array-parts.js";
import type { NDArray } from "../data/ndarray.js";
import { SurprisalError } from "../errors.js";
import { type ContaminatedImages, type ContaminateOptions, contaminate } from "./contaminate.js";
import { type LabelledImages, loadDataset } from "./dataset.js";
import type { LocateOptions } from "./locate.js";

/** Contaminated images with the class (digit) of each. */
export interface ContaminatedPart extends ContaminatedImages {
  readonly digits: Uint8Array;
}

/** Clean images to learn from, and contaminated ones to set a threshold on and to judge by. */
export interface ContaminatedSplit {
  /** Nine tenths of the images, none contaminated. */
  readonly train: { readonly images: NDArray; readonly digits: Uint8Array };
  /** The other tenth, before it is contaminated and split. */
  readonly held: NDArray;
  /** A quarter of the contaminated tenth: sets the threshold. */
  readonly validation: ContaminatedPart;
  /** The other three quarters: judges. */
  readonly test: ContaminatedPart;
}

const take = (labels: Uint8Array, rows: Uint32Array): Uint8Array =>
  Uint8Array.from(rows, (row) => labels[row]!);

/**
 * Splits images into a clean part to learn from (nine tenths) and a tenth that is contaminated, as
 * by {@link contaminate}, and split again into validation (a quarter) and test. Of 70,000 images:
 * 63,000, 1,750 and 5,250.
 * @param images with the class of each
 * @throws SurprisalError for fewer than 40 images, or as {@link contaminate}
 */
export function contaminatedSplit(images: LabelledImages, options: ContaminateOptions): ContaminatedSplit {
  const count = images.X.shape[0] ?? 0;
  if (count < 40 || images.y.length !== count) {
    throw new SurprisalError(
      `A contaminated split needs at least 40 images with a class each, not ${count} with ${images.y.length}.`,
    );
  }
  const stream = randomStream(options.seed, "contaminated-split");
  const order = stream.permutation(count);
  const held = Math.ceil(count / 10);
  const trainRows = order.subarray(held);
  const heldRows = order.subarray(0, held);
  const heldImages = takeArrayRows(images.X, heldRows);
  const contaminated = contaminate(heldImages, options);
  const digits = take(images.y, heldRows);
  const heldOrder = stream.permutation(held);
  const part = (rows: Uint32Array): ContaminatedPart => ({
    images: takeArrayRows(contaminated.images, rows),
    types: take(contaminated.types, rows),
    labels: take(contaminated.labels, rows),
    y: take(contaminated.y, rows),
    digits: take(digits, rows),
  });
  const validationCount = Math.ceil(held / 4);
  return {
    train: { images: takeArrayRows(images.X, trainRows), digits: take(images.y, trainRows) },
    held: heldImages,
    validation: part(heldOrder.subarray(0, validationCount)),
    test: part(heldOrder.subarray(validationCount)),
  };
}

/**
 * Contaminated MNIST: all 70,000 digits, split and contaminated as {@link contaminatedSplit} says.
 * Bytes, `[n, 28, 28, 1]`.
 * @throws SurprisalError as `loadDataset`
 */
export async function contaminatedMnist(
  options: ContaminateOptions & LocateOptions,
): Promise<ContaminatedSplit> {
  const mnist = await loadDataset("mnist", options);
  if (mnist.kind !== "image" || mnist.test === undefined)
    throw new SurprisalError("MNIST lacks its test part; get the four files anew.");
  return contaminatedSplit(
    {
      X: concatArrays([mnist.X, mnist.test.X]),
      y: Uint8Array.from([...mnist.y, ...mnist.test.y]),
    },
    options,
  );
}
