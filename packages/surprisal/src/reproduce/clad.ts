import type { FittedDetector } from "../detector/index.js";
import type { ReportChapter } from "../report/index.js";
import { type CladData, cladScenarioNames, loadCladData, type ScenarioData } from "./clad-data.js";
import { judge, judgedJson } from "./clad-judge.js";
import { type CladMethod, cladMethods, type MethodScore, optionsText } from "./clad-methods.js";
import {
  type Clusters,
  clusterFigures,
  confidenceFigures,
  findClusters,
  trainingFigures,
} from "./clad-pictures.js";
import { type Sweep, sweepModels, sweepName, sweepSettings } from "./clad-sweeps.js";
import {
  aurocTable,
  claimsOf,
  claimsTable,
  clusterTable,
  type Figures,
  makingTable,
  scenarioTable,
  sizesTable,
  sweepFigures,
  sweepTable,
} from "./clad-tables.js";
import { publishedAuroc } from "./published-clad.js";
import { meanOf, rounded } from "./statistics.js";
import type {
  EvaluationContext,
  PreparedStudy,
  Study,
  StudyModel,
  StudyOutcome,
  StudySettings,
} from "./study.js";

const modelName = (method: string, scenario: string, seed: number): string => `${method}-${scenario}-${seed}`;

function modelsOf(data: CladData, settings: StudySettings): StudyModel[] {
  const { scale, seeds } = settings;
  const { dataset } = data;
  const main = Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
    data.scenarios.flatMap((scenario) =>
      cladMethods.map(
        ({ id, detector, checkpoints = true }): StudyModel => ({
          name: modelName(id, scenario.name, seed),
          kind: id,
          detector: detector({ dataset, scenario, scale, seed }),
          samples: scenario.train,
          checkpoints,
          source: sourceOf(data, scenario),
        }),
      ),
    ),
  );
  const sweeps = sweepModels(data, scale).map(
    ({ scenario, name, detector }): StudyModel => ({
      name,
      kind: "clad",
      detector,
      samples: scenario.train,
      source: sourceOf(data, scenario),
    }),
  );
  return [...main, ...sweeps];
}

const sourceOf = ({ dataset }: CladData, { name, train }: ScenarioData): string =>
  `${dataset}, ${name}, ${train.shape[0]} images`;

interface Found {
  /** By scenario and score, one entry a seed. */
  readonly figures: Figures;
  readonly clusters: ReadonlyMap<string, Clusters>;
  /** Test scores of the first seed of CLAD, by scenario and output. */
  readonly confidences: ReadonlyMap<string, Readonly<Record<string, Float32Array>>>;
}

async function scoreAll(
  models: ReadonlyMap<string, FittedDetector>,
  data: CladData,
  { seeds }: StudySettings,
  { signal, onProgress }: EvaluationContext,
): Promise<Found> {
  const figures: Figures = new Map();
  const clusters = new Map<string, Clusters>();
  const confidences = new Map<string, Record<string, Float32Array>>();
  const total = data.scenarios.length * cladMethods.length * seeds;
  let done = 0;
  for (const scenario of data.scenarios) {
    const judged = new Map(
      cladMethods.flatMap(({ scores }) => scores.map(({ id }) => [id, [] as ReturnType<typeof judge>[]])),
    );
    figures.set(scenario.name, judged);
    for (let seed = 1; seed <= seeds; seed++) {
      for (const method of cladMethods) {
        const name = modelName(method.id, scenario.name, seed);
        onProgress((0.7 * done++) / total, `scoring by ${name}`);
        const model = models.get(name)!;
        const scored = await scoresOf(model, method, scenario, signal);
        for (const [id, values] of scored) judged.get(id)!.push(judge(scenario.labels, values));
        if (method.id === "clad" && seed === 1) {
          confidences.set(scenario.name, Object.fromEntries(scored));
          clusters.set(scenario.name, await findClusters(model, scenario, signal));
        }
        await model.close();
      }
    }
  }
  return { figures, clusters, confidences };
}

/** The scores of the test images, by the ids of the method's scores. */
async function scoresOf(
  model: FittedDetector,
  { scores }: Pick<CladMethod, "scores">,
  { test }: ScenarioData,
  signal?: AbortSignal,
): Promise<Map<string, Float32Array>> {
  const outputs = scores.flatMap(({ output }) => (output === undefined ? [] : [output]));
  const scored = await model.score(test, { outputs, ...(signal && { signal }) });
  return new Map(
    scores.map(({ id, output }: MethodScore) => [
      id,
      output === undefined ? scored.scores : scored.outputs[output]!.data,
    ]),
  );
}

async function judgeSweeps(
  models: ReadonlyMap<string, FittedDetector>,
  data: CladData,
  settings: StudySettings,
  figures: Figures,
  signal?: AbortSignal,
): Promise<Sweep[]> {
  const clad = cladMethods.find(({ id }) => id === "clad")!;
  const sweeps: Sweep[] = [];
  for (const { scenario, option, values, fixed } of sweepSettings(data, settings.scale)) {
    const points = [];
    for (const value of values) {
      const model = models.get(sweepName(option, value, scenario.name));
      // The value that the main run has is not trained twice.
      const judged = model
        ? [...(await scoresOf(model, clad, scenario, signal))].map(([id, scores]) => [
            id,
            rounded(judge(scenario.labels, scores).auroc),
          ])
        : clad.scores.map(({ id }) => [id, rounded(figures.get(scenario.name)!.get(id)![0]!.auroc)]);
      await model?.close();
      points.push({ value, auroc: Object.fromEntries(judged) as Record<string, number> });
    }
    sweeps.push({ scenario: scenario.name, option, fixed, points });
  }
  return sweeps;
}

function reductionText(data: CladData, { scale }: StudySettings): string[] {
  if (scale === "full" && data.whole)
    return ["All images are there; networks and epochs of CLAD and Deep SVDD are as published."];
  const parts = [
    ...(scale === "full"
      ? []
      : [`This is a ${scale} run: less data, narrower networks and fewer epochs than published.`]),
    ...(data.whole || scale !== "full"
      ? []
      : ["Networks and epochs of CLAD and Deep SVDD are as published."]),
    ...(data.whole ? [] : [`The images are not the published data set but ${data.origin}.`]),
    "So the figures are not the published ones, and may only be compared with each other.",
  ];
  return [parts.join(" ")];
}

async function evaluate(
  models: ReadonlyMap<string, FittedDetector>,
  data: CladData,
  settings: StudySettings,
  context: EvaluationContext,
): Promise<StudyOutcome> {
  const { signal, onProgress } = context;
  const { figures, clusters, confidences } = await scoreAll(models, data, settings, context);
  const sweeps = await judgeSweeps(models, data, settings, figures, signal);
  onProgress(0.8, "drawing");
  const claims = claimsOf(figures, data, sweeps);
  const maps = [];
  for (const scenario of data.scenarios) {
    const found = clusters.get(scenario.name);
    if (found) maps.push(...(await clusterFigures(scenario, found, signal)));
  }
  const chapters: ReportChapter[] = [
    {
      title: "Results",
      text: [
        "CLAD clusters the codes of an autoencoder, trains a classifier to tell the clusters, and calls anomalous what it " +
          "classifies without confidence (base: the greatest softmax; ODIN: at temperature T, after a step of size ε). " +
          "The other methods learn one normal class. No method is told the classes.",
        ...reductionText(data, settings),
        "OC-NN, OC-CNN and the OC-SVM on codes take the codes of an autoencoder for features. The published OC-CNN had those of networks " +
          "trained on ImageNet, which are not here.",
        "Nothing is chosen by the images judged: numbers of clusters and sizes of codes are those of the published scripts, and no score " +
          "is turned round where its AUROC is below 0.5; the published code does that. The best F1 is that of the threshold which suits " +
          "the judged labels best: a bound, not what a user would get. Anomalies are the positive class.",
      ],
      tables: [
        ...aurocTable(figures, data),
        claimsTable(claims),
        sizesTable(data),
        ...data.scenarios.map((scenario) => scenarioTable(scenario.name, figures)),
        {
          caption: "Options of the first scenario",
          columns: ["method", "options"],
          rows: cladMethods.map(({ id, title }) => [
            title,
            optionsText(models.get(modelName(id, data.scenarios[0]!.name, 1))!),
          ]),
        },
      ],
    },
    ...(maps.length > 0
      ? [
          {
            title: "Clusters",
            text: [
              "Training images by their codes, in a plane by UMAP: coloured by the cluster that CLAD found, and by the true class, which it " +
                "was not told. Distances between groups mean little.",
            ],
            tables: [
              makingTable(clusters),
              ...data.scenarios.flatMap((scenario) => {
                const found = clusters.get(scenario.name);
                return found ? [clusterTable(scenario, found)] : [];
              }),
            ],
            figures: maps,
          },
        ]
      : []),
    ...(confidences.size > 0
      ? [
          {
            title: "Confidence",
            text: [
              "Test images by how unsure the classifier of the clusters is: normal ones upwards, anomalies downwards. Both scores are log odds, " +
                "which rise where the greatest softmax falls and do not tie where it is 1 up to rounding.",
            ],
            figures: confidenceFigures(data, confidences),
          },
        ]
      : []),
    ...(sweeps.length > 0
      ? [
          {
            title: "Numbers of clusters and sizes of codes",
            text: [
              "One model each, all else as in the main run. The published curves are read off a figure.",
            ],
            tables: sweeps.map(sweepTable),
            figures: sweepFigures(sweeps),
          },
        ]
      : []),
    {
      title: "Training",
      text: ["The classifier of the clusters, a curve a scenario."],
      figures: trainingFigures(models, data, modelName),
    },
  ];
  return {
    results: {
      data: { name: data.dataset, origin: data.origin, isWhole: data.whole },
      scenarios: Object.fromEntries(
        data.scenarios.map((scenario) => [
          scenario.name,
          {
            train: scenario.train.shape[0],
            testNormal: scenario.normals,
            testAnomalous: scenario.labels.length - scenario.normals,
            methods: Object.fromEntries(
              [...figures.get(scenario.name)!].map(([id, runs]) => [
                id,
                { ...judgedJson(runs), publishedAuroc: publishedAuroc(scenario.name, id) ?? null },
              ]),
            ),
            ...(clusters.has(scenario.name) && { clusters: clustersJson(clusters.get(scenario.name)!) }),
          },
        ]),
      ),
      sweeps,
      claims: Object.fromEntries(claims.map(({ claim, isHeld }) => [claim, isHeld])),
    },
    table: {
      columns: ["scenario", "method", "auroc", "ap", "fpr_at_95_tpr", "best_f1", "published_auroc"],
      rows: data.scenarios.flatMap(({ name }) =>
        [...figures.get(name)!].map(([id, runs]) => [
          name,
          id,
          ...(["auroc", "ap", "fprAt95Tpr", "bestF1"] as const).map((key) =>
            rounded(meanOf(runs.map((run) => run[key]))),
          ),
          publishedAuroc(name, id) ?? Number.NaN,
        ]),
      ),
    },
    chapters,
  };
}

const clustersJson = ({ agreement: { counts, purity, nmi, accuracy }, making }: Clusters) => ({
  ...making,
  purity: rounded(purity),
  nmi: rounded(nmi),
  accuracy: rounded(accuracy),
  counts,
});

/** Clustering-based anomaly detection, after Park et al. (2021), beside one-class methods. */
export const clad: Study = {
  name: "clad",
  title: "Several normal classes: CLAD beside one-class methods",
  summary:
    "Clusters, a classifier of these and its confidence, beside one-class methods, on super-categories of images.",
  trains: [],
  datasets: ["mnist", "gtsrb", "cifar10", "tiny-imagenet", "fashion-mnist"],
  scenarios: cladScenarioNames,
  seeds: { tiny: 1, quick: 1, full: 1 },
  prepare: async (settings): Promise<PreparedStudy> => {
    const data = await loadCladData(settings);
    const images = data.scenarios.reduce((sum, { labels }) => sum + labels.length, 0);
    return {
      models: modelsOf(data, settings),
      evaluationSeconds: 5 + settings.seeds * (10 * data.scenarios.length + images * 0.004),
      evaluate: (models, context) => evaluate(models, data, settings, context),
    };
  },
};
