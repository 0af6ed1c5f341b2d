import { mean, neg, sum, type Tensor } from "@surprisal/engine";
import { limited } from "../../deep/index.js";
import type { DeepLoss, DeepStep } from "../../detector/index.js";
import { meanPixelLoss, negativeElbo, type StateUpdates } from "../../networks/index.js";
import { encode, rateOf, sampled, type Vae, type VaeShape } from "./model.js";
import type { VaeOptions } from "./options.js";

type Float = Tensor<"float32">;

/** The negative ELBO of a batch by the samples of z that the noise makes, or the published loss with a fault. */
export function vaeLoss(
  { parameters, x: rows, noise, scalars, training }: DeepStep<Vae<Float>>,
  shape: VaeShape,
  reduction: VaeOptions["reduction"],
): DeepLoss {
  const x = limited(rows);
  const state: StateUpdates = [];
  const updates = training ? state : undefined;
  const q = encode(parameters, shape, x, updates);
  const samples = sampled(parameters, shape, x, q, noise.epsilon!, updates);
  const distortions = neg(mean(samples.perFeature, { axis: -2 }));
  const rate = rateOf(shape, q, samples);
  const { loss, ...metrics } =
    reduction === "transferLab"
      ? meanPixelLoss(distortions, rate)
      : negativeElbo(sum(distortions, { axis: -1 }), rate, scalars.klWeight!);
  return { loss, metrics, state };
}
