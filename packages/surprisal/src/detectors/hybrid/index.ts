import { z } from "zod";
import { isDetector } from "../../combine/index.js";
import { type DeepDetector, type Detector, defineFromRows } from "../../detector/index.js";
import { SurprisalError } from "../../errors.js";
import { autoencoder } from "../autoencoder/index.js";
import { deepSvdd } from "../deep-svdd/index.js";
import { ecod } from "../ecod/index.js";
import { gmm } from "../gmm/index.js";
import { isolationForest } from "../isolation-forest/index.js";
import { kde } from "../kde/index.js";
import { knn } from "../knn/index.js";
import { lof } from "../lof/index.js";
import { mahalanobis } from "../mahalanobis/index.js";
import { ocSvm } from "../oc-svm/index.js";
import { svdd } from "../svdd/index.js";
import { vae } from "../vae/index.js";
import { isDeep, learnOnCode } from "./learn.js";

type Given = Readonly<Record<string, unknown>>;

const encoders = { autoencoder, vae, "deep-svdd": deepSvdd } as const;

const onCodes = {
  "oc-svm": ocSvm,
  svdd,
  knn,
  lof,
  kde,
  gmm,
  mahalanobis,
  ecod,
  "isolation-forest": isolationForest,
} as const;

/** The part by its name, with its options, or as it was given. */
function partOf<Part>(
  of: "encoder" | "base",
  part: string | Part,
  options: Given,
  named: Readonly<Record<string, (options: never) => Part>>,
): Part {
  if (typeof part === "string") return named[part]!(options as never);
  if (Object.keys(options).length > 0) {
    throw new SurprisalError(
      `hybrid: option "${of}Options" goes with the name of one; give an unfitted detector its own options`,
    );
  }
  return part;
}

interface Parts {
  readonly encoder: keyof typeof encoders | DeepDetector;
  readonly encoderOptions: Given;
  readonly base: keyof typeof onCodes | Detector;
  readonly baseOptions: Given;
}

const encoderOf = (parts: Parts): DeepDetector =>
  partOf<DeepDetector>("encoder", parts.encoder, parts.encoderOptions, encoders);

const baseOf = (parts: Parts): Detector => partOf<Detector>("base", parts.base, parts.baseOptions, onCodes);

/**
 * Deep hybrid: any detector on the codes of a deep one, from the row to the score in one file (Erfani et
 * al. 2016, who set a one-class support vector machine on a deep belief network).
 */
export const hybrid = defineFromRows({
  name: "hybrid",
  title: "Deep hybrid",
  summary: "Any detector on the codes of a deep one, such as a one-class SVM on those of an autoencoder.",
  version: 1,
  options: z.object({
    encoder: z
      .union([
        z.enum(["autoencoder", "vae", "deep-svdd"]),
        z.custom<DeepDetector>(isDeep, "give a deep detector, for instance autoencoder()"),
      ])
      .default("autoencoder")
      .describe("What makes the codes: by name, or in code an unfitted deep detector."),
    encoderOptions: z
      .record(z.string(), z.unknown())
      .default({})
      .describe("Options of the encoder, where it is a name."),
    base: z
      .union([
        z.enum(["oc-svm", "svdd", "knn", "lof", "kde", "gmm", "mahalanobis", "ecod", "isolation-forest"]),
        z.custom<Detector>(isDetector, "give an unfitted detector, for instance ocSvm()"),
      ])
      .default("oc-svm")
      .describe("What scores the codes: by name, or in code any unfitted detector."),
    baseOptions: z
      .record(z.string(), z.unknown())
      .default({})
      .describe("Options of the base, where it is a name."),
  }),
  supervised: (options) => encoderOf(options).supervised || baseOf(options).supervised,
  learn: (rows, options, context) =>
    learnOnCode("hybrid", encoderOf(options), baseOf(options), rows, context),
});
