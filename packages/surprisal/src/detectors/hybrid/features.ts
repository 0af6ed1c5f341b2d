import { z } from "zod";
import type { CombinedDetector } from "../../combine/index.js";
import type { DeepDetector, LearnContext, Member, SampleRows } from "../../detector/index.js";
import { autoencoder } from "../autoencoder/index.js";
import { isDeep, learnOnCode } from "./learn.js";

/** Options of a detector that learns on features, which it may learn first. */
export const featureOptions = {
  features: z
    .union([
      z.enum(["autoencoder", "rows"]),
      z.custom<DeepDetector>(isDeep, "give a deep detector, for instance autoencoder()"),
    ])
    .default("autoencoder")
    .describe(
      "What the network sees: the code of an autoencoder trained first, the rows as they are (features made elsewhere), or in code that of an unfitted deep detector.",
    ),
  latent: z.int().min(2).max(4096).default(32).describe("Features autoencoder: size of the code."),
  pretrainingEpochs: z
    .int()
    .min(1)
    .optional()
    .describe(
      "Features autoencoder: passes over the rows. Default: as many as make about 3,000 steps, 10 to 300.",
    ),
};

interface FeatureChoice {
  readonly features: "autoencoder" | "rows" | DeepDetector;
  readonly latent: number;
  readonly pretrainingEpochs?: number | undefined;
}

/** Learns a detector on the chosen features. Throws as {@link learnOnCode}. */
export function learnOnFeatures(
  detector: CombinedDetector,
  { features, latent, pretrainingEpochs }: FeatureChoice,
  rows: SampleRows,
  context: LearnContext,
): Promise<Member> {
  if (features === "rows") return detector.learn(rows, context);
  const encoder =
    features === "autoencoder"
      ? autoencoder({ latent, ...(pretrainingEpochs !== undefined && { epochs: pretrainingEpochs }) })
      : features;
  return learnOnCode(detector.name, encoder, detector, rows, context);
}
