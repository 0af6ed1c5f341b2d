import { takeArrayRows } from "../data/array-parts.js";
import {
  contaminatedSplit,
  contaminatedMnist as loadContaminatedMnist,
  loadDataset,
} from "../datasets/index.js";
import type { FittedDetector } from "../detector/index.js";
import { vae } from "../detectors/vae/index.js";
import type { ReportChapter } from "../report/index.js";
import { reportSection } from "../report/report-section.js";
import {
  type ContaminatedData,
  type Found,
  hasCollapsed,
  measure,
  type Run,
  runNames,
  runs,
} from "./contaminated-mnist-judge.js";
import { curveFigures, imageFigures, latentFigures } from "./contaminated-mnist-pictures.js";
import { mainTable, resultsOf, tableOf, trainingTable, typeTable } from "./contaminated-mnist-tables.js";
import { rounded } from "./statistics.js";
import type {
  EvaluationContext,
  PreparedStudy,
  Study,
  StudyModel,
  StudyOutcome,
  StudySettings,
} from "./study.js";
import { trainingRun } from "./training-run.js";

/** Seed of split and contamination. */
const dataSeed = 12;

async function loadData({ scale, signal }: StudySettings): Promise<ContaminatedData> {
  if (scale !== "tiny") {
    const load = (compat?: "published") =>
      loadContaminatedMnist({ seed: dataSeed, ...(compat && { compat }), ...(signal && { signal }) });
    return { corrected: await load(), published: await load("published"), name: "mnist" };
  }
  const name = "fashion-mnist-sample";
  const sample = await loadDataset(name);
  if (sample.kind !== "image") throw new TypeError(`${name} holds no images`);
  // A tenth of the sample is 200 images: 3 % of these would be too few to see.
  const contamination = 0.15;
  const options = { seed: dataSeed, contamination };
  return {
    corrected: contaminatedSplit(sample, options),
    published: contaminatedSplit(sample, { ...options, compat: "published" }),
    contamination,
    name,
  };
}

const epochs = { tiny: 2, quick: 2, full: 30 } as const;

/** In batches of 8 an epoch has sixteen times the steps, and the code is lost within the first thousands. */
const collapseEpochs = { tiny: 2, quick: 1, full: 2 } as const;
const quickCollapseRows = Uint32Array.from({ length: 16_000 }, (_, i) => i);

function modelsOf({ corrected, name }: ContaminatedData, { scale, seeds }: StudySettings): StudyModel[] {
  const all = corrected.train.images;
  return Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
    runs.map((run): StudyModel => {
      const isCollapse = run === "collapsed";
      const images = isCollapse && scale === "quick" ? takeArrayRows(all, quickCollapseRows) : all;
      return {
        name: `${run}-${seed}`,
        kind: isCollapse ? "convolutional VAE in batches of 8" : "convolutional VAE",
        detector: vae({
          body: "transferLab",
          epochs: (isCollapse ? collapseEpochs : epochs)[scale],
          batchSize: isCollapse ? 8 : 128,
          learningRate: 1e-3,
          reduction: run === "correct" ? "sum" : "transferLab",
          score: "reconstructionError",
          calibration: 0,
          seed,
        }),
        samples: images,
        source: `${name}, ${images.shape[0]} clean images, split ${dataSeed}`,
      };
    }),
  );
}

/** What the mean image costs as a reconstruction of every image: no worse is any model that learned something. */
function meanImageCost({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }): number {
  const count = shape[0]!;
  const pixels = data.length / count;
  const mean = new Float64Array(pixels);
  for (let i = 0; i < data.length; i++) mean[i % pixels]! += data[i]! / 255 / count;
  const entropy = (p: number) => (p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p));
  return mean.reduce((sum, p) => sum + entropy(p), 0);
}

/** The layers with their numbers of parameters, as the file's metadata and weights have them. */
function sizeText(model: FittedDetector): string {
  const { summary } = model.metadata.training;
  return `The network has ${Number(summary.parameters).toLocaleString("en")} parameters and a code of ${summary.latent}.`;
}

/** What became of the models of a run. */
function collapseText(models: readonly Found[]): string {
  const collapsed = models.filter(hasCollapsed).length;
  if (models.length > 1) return `${collapsed} of ${models.length} models collapse`;
  return collapsed === 1 ? "the model collapses" : "the model does not collapse";
}

async function chaptersOf(
  found: Readonly<Record<Run, Found[]>>,
  data: ContaminatedData,
  baseline: number,
  settings: StudySettings,
  signal?: AbortSignal,
): Promise<ReportChapter[]> {
  const best = found.correct[0]!;
  // In batches of 8 it trains for other epochs.
  const curves = (["correct", "published"] as const).map((run) =>
    trainingRun(runNames[run], found[run][0]!.model),
  );
  const count = data.corrected.train.images.shape[0]!.toLocaleString("en");
  return [
    {
      title: "Results",
      text: [
        `A convolutional VAE learned ${count} clean images in ${epochs[settings.scale]} epochs, and judges images of which some are transposed, noisy or half black. ` +
          "The published run gave the KL term 6.1 times its weight and collapsed: its reconstruction is the mean image. " +
          `With that loss in the published batches of 128 ${collapseText(found.published)} here. The weight of its KL term is 784 / batch: ` +
          `in batches of 8 it is 98, and ${collapseText(found.collapsed)}.`,
        ...(settings.scale === "full"
          ? []
          : [
              `This is a ${settings.scale} run: fewer epochs than the published 30, so the losses are not at their end.`,
            ]),
        `The threshold is set on ${data.corrected.validation.y.length.toLocaleString("en")} images and judged on ${data.corrected.test.y.length.toLocaleString("en")}. ${sizeText(best.model)}`,
      ],
      tables: [mainTable(found), typeTable(found), trainingTable(found, baseline)],
    },
    { title: "Training", figures: curveFigures(curves, baseline) },
    {
      title: "Images",
      figures: await imageFigures(best.model, best.scores.reconstruction_error, data.corrected, signal),
    },
    { title: "Latent space", figures: await latentFigures(best.model, data.corrected, signal) },
  ];
}

async function evaluate(
  models: ReadonlyMap<string, FittedDetector>,
  data: ContaminatedData,
  settings: StudySettings,
  { signal, onProgress }: EvaluationContext,
): Promise<StudyOutcome> {
  const found: Record<Run, Found[]> = { correct: [], published: [], collapsed: [] };
  const total = settings.seeds * runs.length;
  for (let seed = 1; seed <= settings.seeds; seed++) {
    for (const [i, run] of runs.entries()) {
      onProgress((((seed - 1) * runs.length + i) / total) * 0.6, `scoring ${run}-${seed}`);
      found[run].push(await measure(models.get(`${run}-${seed}`)!, data, signal));
    }
  }
  onProgress(0.6, "drawing");
  const { test, train } = data.corrected;
  const baseline = meanImageCost(train.images);
  const sections = await Promise.all(
    runs.map(async (run) => {
      const { model, corrected } = found[run][0]!;
      const scores = await model.score(test.images, signal ? { signal } : {});
      const dataset = `${data.name}, contaminated`;
      const section = await reportSection({
        model,
        samples: test.images,
        scores,
        labels: test.y,
        dataset,
        threshold: corrected.threshold,
      });
      return { ...section, detector: runNames[run], thresholdRule: "best F1 on validation" };
    }),
  );
  return {
    results: {
      ...resultsOf(found),
      meanImageReconstruction: rounded(baseline),
    },
    table: tableOf(found),
    chapters: await chaptersOf(found, data, baseline, settings, signal),
    sections,
  };
}

/** Contaminated MNIST: a convolutional VAE with the loss as it should be, and with the published one. */
export const contaminatedMnist: Study = {
  name: "contaminated-mnist",
  title: "Contaminated MNIST",
  summary: "A convolutional VAE finds transposed, noisy and half black digits; the published loss beside it.",
  trains: [],
  seeds: { tiny: 1, quick: 1, full: 1 },
  prepare: async (settings): Promise<PreparedStudy> => {
    const data = await loadData(settings);
    return {
      models: modelsOf(data, settings),
      evaluationSeconds: settings.scale === "tiny" ? 5 : 150 * settings.seeds,
      evaluate: (models, context) => evaluate(models, data, settings, context),
    };
  },
};
