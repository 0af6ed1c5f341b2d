import { clip, constant, mul, sub, type Tensor, type TrainedParameter } from "@surprisal/engine";
import { trainedConstants } from "../detector/train-deep.js";
import { type Classification, type Classifier, type ClassifierBody, classify } from "../networks/index.js";

type Float = Tensor<"float32">;

/** What training a classifier learned: plain data. */
export interface ClassifierState {
  readonly body: ClassifierBody;
  /** Shape of a prepared row. */
  readonly row: readonly number[];
  readonly classes: number;
  /** How the network's input is standardised; of images by channel, else not. */
  readonly standard?: { readonly mean: Float32Array; readonly deviation: Float32Array };
  readonly parameters: Classifier<TrainedParameter>;
}

/** Prepared values beyond this (in deviations) are cut: single precision would overflow. */
const INPUT_LIMIT = 1e6;

/** Prepared rows as the network sees them. */
export function seenByClassifier(x: Float, { standard }: Pick<ClassifierState, "standard">): Float {
  if (!standard) return clip(x, -INPUT_LIMIT, INPUT_LIMIT);
  const { mean, deviation } = standard;
  const shape = [mean.length];
  const centred = sub(x, constant(mean, shape, "float32"));
  return mul(
    centred,
    constant(
      deviation.map((value) => 1 / value),
      shape,
      "float32",
    ),
  );
}

/**
 * The trained classifier as a function of prepared rows x [N, ...row]. However often it is called, its
 * parameters are in the program once.
 */
export function trainedClassifier(state: ClassifierState): (x: Float) => Classification {
  const tensors = trainedConstants<Classifier<Float>>(state.parameters as never);
  return (x) => classify(tensors, state.body, state.row, seenByClassifier(x, state), "inference");
}
