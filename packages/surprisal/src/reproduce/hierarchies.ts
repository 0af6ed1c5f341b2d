import type { FittedDetector } from "../detector/index.js";
import { glow } from "../detectors/glow/index.js";
import type { ReportChapter, ReportTable } from "../report/index.js";
import { complexityScore, pngCodeLength } from "../scores/index.js";
import { type HierarchiesData, loadHierarchiesData, trainingSets } from "./hierarchies-data.js";
import {
  correlationFigure,
  histogramChapter,
  imageFigures,
  type JudgedRun,
  type SetScores,
  trainingFigures,
} from "./hierarchies-pictures.js";
import { publishedHierarchies } from "./published-hierarchies.js";
import { rankCorrelation } from "./rank-correlation.js";
import { aurocBetween, formatRuns, meanOf, rounded } from "./statistics.js";
import type {
  EvaluationContext,
  PreparedStudy,
  Study,
  StudyModel,
  StudyOutcome,
  StudyScale,
  StudySettings,
} from "./study.js";

interface Size {
  readonly depth: number;
  readonly width: number;
  readonly scales: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Steps: of the general model, of the one tuned from it, of that with outliers. */
  readonly steps: readonly [number, number, number];
}

/**
 * Sizes by time on two cores, learning rates by the likelihood of training images, and neither by anything
 * else. The published networks have depth 32 and width 512.
 */
const sizes: Readonly<Record<StudyScale, Size>> = {
  tiny: { depth: 1, width: 8, scales: 2, batchSize: 32, learningRate: 2e-3, steps: [40, 30, 20] },
  quick: { depth: 4, width: 32, scales: 3, batchSize: 32, learningRate: 2e-3, steps: [9000, 6000, 1200] },
  full: { depth: 8, width: 64, scales: 3, batchSize: 64, learningRate: 1e-3, steps: [12_000, 6000, 3000] },
};

/** What a score is called, and that it is more anomalous to the right. */
const titles = {
  raw: "likelihood",
  png: "likelihood / PNG",
  ratio: "likelihood / general",
  final: "final scale",
  outliers: "outlier loss",
} as const;

type ScoreName = keyof typeof titles;

const scoreNames = Object.keys(titles) as ScoreName[];

function modelsOf(data: HierarchiesData, settings: StudySettings): StudyModel[] {
  const { steps, ...common } = sizes[settings.scale];
  const [generalSteps, ownSteps, outlierSteps] = steps;
  const general = `${data.general.shape[0]} images of ${data.generalName}`;
  const own = `${settings.train}, ${data.train.shape[0]} images, tuned from ${general}`;
  return Array.from({ length: settings.seeds }, (_, i) => i + 1).flatMap((seed): StudyModel[] => {
    const name = `general-${seed}`;
    return [
      {
        name,
        kind: "Glow",
        // Rows are held out for what the report says of likelihoods; the published protocol has none.
        detector: glow({ ...common, steps: generalSteps, calibration: 0, seed }),
        samples: data.general,
        source: general,
      },
      {
        name: `own-${seed}`,
        kind: "tuned Glow",
        detector: glow({ ...common, steps: ownSteps, calibration: 0, seed }),
        samples: data.train,
        source: own,
        after: {
          name,
          times: ownSteps / generalSteps,
          fit: (generalModel) => ({ generalModel }),
        },
      },
      {
        name: `outliers-${seed}`,
        kind: "tuned Glow with outliers",
        detector: glow({ ...common, steps: outlierSteps, outlierLoss: "softplus", calibration: 0, seed }),
        samples: data.train,
        source: `${own}, with outliers`,
        fit: { general: data.general },
        after: {
          name,
          times: (2 * outlierSteps) / generalSteps,
          fit: (generalModel) => ({ generalModel }),
        },
      },
    ];
  });
}

/** All scores of one set by one run's models. */
async function scoresOf(
  models: ReadonlyMap<string, FittedDetector>,
  seed: number,
  images: HierarchiesData["train"],
  codeLength: ArrayLike<number>,
  signal?: AbortSignal,
): Promise<SetScores> {
  const own = models.get(`own-${seed}`)!;
  const scales = own.metadata.outputs.filter((name) => name.startsWith("scale_"));
  const names = [
    "negative_log_likelihood",
    "bits_per_dimension",
    "general_negative_log_likelihood",
    "likelihood_ratio",
    "final_scale",
    ...scales,
  ];
  const options = signal ? { signal } : {};
  const { outputs } = await own.score(images, { outputs: names, ...options });
  const { scores } = await models.get(`outliers-${seed}`)!.score(images, options);
  const of = (name: string) => outputs[name]!.data;
  return {
    raw: of("negative_log_likelihood"),
    bits: of("bits_per_dimension"),
    general: of("general_negative_log_likelihood"),
    png: complexityScore(of("bits_per_dimension"), codeLength),
    ratio: of("likelihood_ratio"),
    final: of("final_scale"),
    outliers: scores,
    ...Object.fromEntries(scales.map((name) => [name, of(name)])),
  };
}

async function judge(
  models: ReadonlyMap<string, FittedDetector>,
  data: HierarchiesData,
  { seeds }: StudySettings,
  { signal, onProgress }: EvaluationContext,
): Promise<JudgedRun[]> {
  const all = [data.inDistribution, ...data.sets.map(({ images }) => images)];
  const lengths = all.map(pngCodeLength);
  const runs: JudgedRun[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const found: SetScores[] = [];
    for (const [i, images] of all.entries()) {
      onProgress((0.8 * ((seed - 1) * all.length + i)) / (seeds * all.length), `scoring, run ${seed}`);
      found.push(await scoresOf(models, seed, images, lengths[i]!, signal));
    }
    runs.push({
      inDistribution: found[0]!,
      sets: data.sets.map(({ name }, i) => ({ name, scores: found[i + 1]! })),
    });
  }
  return runs;
}

/** AUROC of one set by each score, one entry a run. */
function aurocsOf(runs: readonly JudgedRun[], set: number): Record<ScoreName, number[]> {
  const of = (score: ScoreName) =>
    runs.map(({ inDistribution, sets }) => aurocBetween(inDistribution[score]!, sets[set]!.scores[score]!));
  return Object.fromEntries(scoreNames.map((score) => [score, of(score)])) as Record<ScoreName, number[]>;
}

/** Rank correlation of the two models' likelihoods over all judged images, one entry a run. */
function correlations(runs: readonly JudgedRun[]): number[] {
  return runs.map(({ inDistribution, sets }) => {
    const all = [inDistribution, ...sets.map(({ scores }) => scores)];
    const pooled = (score: string) => all.flatMap((scores) => Array.from(scores[score]!));
    return rankCorrelation(pooled("raw"), pooled("general"));
  });
}

/** The published claims, as far as they can be held to a run. */
function claimsOf(found: Record<ScoreName, number[]>, correlation: number[]): [string, boolean][] {
  const mean = Object.fromEntries(scoreNames.map((score) => [score, meanOf(found[score])])) as Record<
    ScoreName,
    number
  >;
  return [
    ["the likelihood alone fails: below 0.5", mean.raw < 0.5],
    ["both models rank images alike: Spearman's correlation above 0.9", meanOf(correlation) > 0.9],
    ["the ratio is better by 0.2, and at least 0.9", mean.ratio > mean.raw + 0.2 && mean.ratio >= 0.9],
    ["the final scale is better by 0.2", mean.final > mean.raw + 0.2],
    ["the outlier loss is at least as good as the ratio", mean.outliers >= mean.ratio],
    ["the ratio to PNG is better than the likelihood", mean.png > mean.raw],
  ];
}

function mainTable(
  data: HierarchiesData,
  train: string,
  found: readonly Record<ScoreName, number[]>[],
): ReportTable {
  const published = publishedHierarchies[train] ?? {};
  const percent = (value: number | undefined) =>
    value === undefined ? "–" : `(${(value / 100).toFixed(3)})`;
  return {
    caption: `AUROC, trained on ${train}`,
    columns: [
      "set",
      "images",
      ...scoreNames.map((score) => titles[score]),
      "published: likelihood",
      "/ PNG",
      "/ general",
    ],
    rows: data.sets.map(({ name, images, inGeneral }, i) => [
      inGeneral ? `${name} *` : name,
      { number: String(images.shape[0]) },
      ...scoreNames.map((score) => ({
        number: formatRuns(found[i]![score]),
        strong: score === "ratio" && !inGeneral,
      })),
      { number: percent(published[name]?.raw) },
      { number: percent(published[name]?.png) },
      { number: percent(published[name]?.ratio) },
    ]),
    note:
      "* Other images of this set are among the general ones. Published figures in parentheses are of much " +
      "larger networks and full data sets, quoted from memory and not verified.",
  };
}

function claimsTable(
  data: HierarchiesData,
  found: readonly Record<ScoreName, number[]>[],
  correlation: number[],
): ReportTable {
  const unseen = data.sets.flatMap(({ name, inGeneral }, i) => (inGeneral ? [] : [{ name, i }]));
  const claims = unseen.map(({ i }) => claimsOf(found[i]!, correlation));
  return {
    caption: "The published claims, on sets that no model has seen",
    columns: ["claim", ...unseen.map(({ name }) => name)],
    rows: (claims[0] ?? []).map(([claim], row) => [
      claim,
      ...claims.map((list) => (list[row]![1] ? "holds" : "does not hold")),
    ]),
  };
}

function textOf(data: HierarchiesData, settings: StudySettings, bits: number[], correlation: number[]) {
  const { depth, width, scales, batchSize, learningRate, steps } = sizes[settings.scale];
  const [height, columns, channels] = data.train.shape.slice(1);
  return [
    `A Glow learned ${data.general.shape[0]!.toLocaleString("en")} images of ${data.generalName}: what images have in common. ` +
      `A copy of it went on with ${settings.train}, another also pushed the general images away. Images are ${height} × ${columns}${channels === 3 ? " in colour" : ", grey"}.`,
    `${scales} scales of ${depth} steps, networks of width ${width}, ${steps.join(", ")} steps of ${batchSize} images at learning rate ${learningRate}: ` +
      "chosen by time and by the likelihood of training images. Published are 3 scales of 32 steps, width 512, 250 epochs.",
    `Test images of ${settings.train}: ${formatRuns(bits, 2)} bits per dimension. Rank correlation of the two models' likelihoods over all judged images: ${formatRuns(correlation)}.`,
  ];
}

async function evaluate(
  models: ReadonlyMap<string, FittedDetector>,
  data: HierarchiesData,
  settings: StudySettings,
  context: EvaluationContext,
): Promise<StudyOutcome> {
  const runs = await judge(models, data, settings, context);
  context.onProgress(0.8, "drawing");
  const found = data.sets.map((_, i) => aurocsOf(runs, i));
  const correlation = correlations(runs);
  const bits = runs.map(({ inDistribution }) => meanOf(inDistribution.bits!));
  const first = {
    [settings.train]: models.get("own-1")!,
    "the general model": models.get("general-1")!,
  };
  const scaleTitles = Object.fromEntries(
    Array.from({ length: sizes[settings.scale].scales }, (_, i) => [`scale_${i + 1}`, `scale ${i + 1}`]),
  );
  const chapters: ReportChapter[] = [
    {
      title: "Results",
      text: textOf(data, settings, bits, correlation),
      tables: [mainTable(data, settings.train, found), claimsTable(data, found, correlation)],
      figures: [correlationFigure(runs[0]!, settings.train)],
    },
    ...histogramChapter(runs[0]!, { ...titles, ...scaleTitles }, settings.train),
    { title: "Images", figures: await imageFigures(first, data) },
    {
      title: "Training",
      figures: trainingFigures({ ...first, "with outliers": models.get("outliers-1")! }),
    },
  ];
  return {
    results: {
      network: sizes[settings.scale],
      bitsPerDimension: rounded(meanOf(bits)),
      rankCorrelation: rounded(meanOf(correlation)),
      sets: Object.fromEntries(
        data.sets.map(({ name, images, inGeneral }, i) => [
          name,
          {
            images: images.shape[0],
            inGeneral,
            auroc: Object.fromEntries(
              scoreNames.map((score) => [score, found[i]![score].map((value) => rounded(value))]),
            ),
            claims: Object.fromEntries(claimsOf(found[i]!, correlation)),
            published: publishedHierarchies[settings.train]?.[name] ?? {},
          },
        ]),
      ),
    },
    table: {
      columns: ["set", "score", "run", "auroc"],
      rows: data.sets.flatMap(({ name }, i) =>
        scoreNames.flatMap((score) =>
          found[i]![score].map((value, run) => [name, score, run + 1, rounded(value)]),
        ),
      ),
    },
    chapters,
  };
}

/** Hierarchies of distributions and features, after Schirrmeister, Zhou, Ball & Zhang (2020). */
export const hierarchies: Study = {
  name: "hierarchies",
  title: "Hierarchies of distributions and features",
  summary:
    "Glows of one data set and of images in general: likelihood, ratios, final scale and outlier loss on other data sets.",
  trains: trainingSets,
  seeds: { tiny: 1, quick: 1, full: 3 },
  prepare: async (settings): Promise<PreparedStudy> => {
    const data = await loadHierarchiesData(settings);
    const images = [data.inDistribution, ...data.sets.map(({ images }) => images)].reduce(
      (sum, { shape }) => sum + shape[0]!,
      0,
    );
    const { depth, width } = sizes[settings.scale];
    return {
      models: modelsOf(data, settings),
      evaluationSeconds:
        5 + settings.seeds * images * depth * width * (settings.scale === "tiny" ? 1e-6 : 1e-5),
      evaluate: (models, context) => evaluate(models, data, settings, context),
    };
  },
};
