import type { Tensor } from "@surprisal/engine";
import { z } from "zod";
import type {
  CommonOptions,
  DeepDetector,
  FitContext,
  LearnContext,
  Learned,
  Member,
  PreparedData,
  SampleRows,
  ScoreGraph,
} from "../../detector/index.js";
import { learnFromPrepared } from "../../detector/member.js";
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

type Scaling = NonNullable<CommonOptions["scaling"]>;

interface FeatureChoice {
  readonly features: "autoencoder" | "rows" | DeepDetector;
  readonly latent: number;
  readonly pretrainingEpochs?: number | undefined;
  readonly scaling?: Scaling | undefined;
}

/** How a network learns from prepared features, what it computes, and how they are scaled unless the user says. */
export interface FeatureNetwork<State> {
  readonly name: string;
  readonly scaling: Scaling;
  readonly fit: (data: PreparedData, context: FitContext) => Promise<Learned<State>>;
  readonly graph: (x: Tensor<"float32">, state: State) => ScoreGraph;
}

/** Learns a network on the chosen features. Throws as {@link learnOnCode}. */
export function learnOnFeatures<State>(
  { name, scaling, fit, graph }: FeatureNetwork<State>,
  { features, latent, pretrainingEpochs, scaling: wanted }: FeatureChoice,
  rows: SampleRows,
  context: LearnContext,
): Promise<Member> {
  const network = {
    name,
    learn: (ofNetwork: SampleRows, within: LearnContext) =>
      learnFromPrepared<{ readonly scaling?: Scaling }, State>(
        {
          prepare: () => ({ scaling, dtype: "float32" }),
          fit: (data, _, fitContext) => fit(data, fitContext),
          graph: (x, state) => graph(x as Tensor<"float32">, state),
        },
        wanted ? { scaling: wanted } : {},
        ofNetwork,
        within,
      ),
  };
  if (features === "rows") return network.learn(rows, context);
  const encoder =
    features === "autoencoder"
      ? autoencoder({ latent, ...(pretrainingEpochs !== undefined && { epochs: pretrainingEpochs }) })
      : features;
  return learnOnCode(name, encoder, network, rows, context);
}
