import { randomStream } from "@surprisal/engine";
import { takeArrayRows } from "../data/array-parts.js";
import type { FittedDetector } from "../detector/index.js";
import { type ClusterAgreement, clusterAgreement } from "../metrics/index.js";
import { classMap, comparedCurves, scoreHistogram, umapPlane } from "../pictures/index.js";
import type { ReportFigure } from "../report/index.js";
import type { CladData, ScenarioData } from "./clad-data.js";
import { trainingRun } from "./training-run.js";

/** The clusters that CLAD put the training images in. */
export interface Clusters {
  readonly agreement: ClusterAgreement;
  /** Some training images, whose codes are drawn. */
  readonly rows: Uint32Array;
  /** Codes of these rows, `[rows, dimensions]`. */
  readonly codes: Float32Array;
  readonly dimensions: number;
  /** The cluster of every training image. */
  readonly labels: Uint32Array;
  /** What the file tells of its making: numbers of clusters, T, ε, accuracy of the classifier. */
  readonly making: Readonly<Record<(typeof makingNames)[number], number>>;
}

/** Entries of the file's training summary that the report shows. */
const makingNames = [
  "clusters",
  "latent",
  "clusteringEpochs",
  "classifierAccuracy",
  "temperature",
  "epsilon",
] as const;

/** Training images whose codes are drawn. */
const drawn = 800;

/** Codes and clusters of the training images, by CLAD's file. */
export async function findClusters(
  model: FittedDetector,
  { train, trainClasses }: ScenarioData,
  signal?: AbortSignal,
): Promise<Clusters> {
  const { outputs } = await model.score(train, {
    outputs: ["code", "assignment"],
    ...(signal && { signal }),
  });
  const { data: probabilities, shape } = outputs.assignment!;
  const clusters = shape[1]!;
  const labels = Uint32Array.from(trainClasses, (_, row) => {
    const own = probabilities.subarray(row * clusters, (row + 1) * clusters);
    return own.indexOf(Math.max(...own));
  });
  const count = trainClasses.length;
  const rows = randomStream(0, "drawn codes").choice(count, Math.min(drawn, count)).sort();
  const codes = takeArrayRows({ data: outputs.code!.data, shape: outputs.code!.shape }, rows);
  return {
    agreement: clusterAgreement(labels, trainClasses),
    rows,
    codes: codes.data,
    dimensions: codes.shape[1]!,
    labels,
    making: Object.fromEntries(
      makingNames.map((name) => [name, Number(model.metadata.training.summary[name])]),
    ) as Clusters["making"],
  };
}

/** Maps of the codes, coloured by cluster and by class. */
export async function clusterFigures(
  { name, classNames, trainClasses }: ScenarioData,
  { agreement, rows, codes, dimensions, labels }: Clusters,
  signal?: AbortSignal,
): Promise<ReportFigure[]> {
  const place = await umapPlane(codes, dimensions, { seed: 1, ...(signal && { signal }) });
  const map = (what: string, of: ArrayLike<number>, names: readonly string[]): ReportFigure => ({
    heading: `${name}: codes by ${what}`,
    drawing: classMap({
      id: `map-${name}-${what}`.replaceAll(" ", "-"),
      title: `Codes of the training images of ${name}, coloured by ${what}`,
      ...place,
      classes: Array.from(rows, (row) => of[row]!),
      names,
      height: 360,
    }),
  });
  return [
    map(
      "cluster",
      labels,
      agreement.counts.map((_, cluster) => String(cluster)),
    ),
    map("true class", trainClasses, classNames),
  ];
}

/** Histograms of both scores, normal images against anomalies. */
export function confidenceFigures(
  data: CladData,
  confidences: ReadonlyMap<string, Readonly<Record<string, Float32Array>>>,
): ReportFigure[] {
  const titles: Readonly<Record<string, string>> = {
    "clad-base": "base score",
    clad: "ODIN score",
  };
  return data.scenarios.flatMap(({ name, labels }) =>
    Object.entries(titles).flatMap(([id, title]) => {
      const scores = confidences.get(name)?.[id];
      if (scores === undefined) return [];
      return [
        {
          heading: `${name}: ${title}`,
          drawing: scoreHistogram({
            id: `confidence-${name}-${id}`,
            title: `${title} of the test images of ${name}, normal ones and anomalies`,
            scores,
            labels,
            scoreLabel: title,
            width: 440,
            height: 260,
            bins: 40,
          }),
        },
      ];
    }),
  );
}

/** What CLAD minimised in its stages, a curve a scenario. */
export function trainingFigures(
  models: ReadonlyMap<string, FittedDetector>,
  data: CladData,
  modelName: (method: string, scenario: string, seed: number) => string,
): ReportFigure[] {
  const runs = data.scenarios.slice(0, 6).flatMap(({ name }) => {
    const model = models.get(modelName("clad", name, 1));
    return model ? [trainingRun(name, model)] : [];
  });
  const metrics = [
    ...new Set(runs.flatMap(({ history }) => history.flatMap((epoch) => Object.keys(epoch.metrics ?? {})))),
  ];
  return ["loss", ...metrics].map((metric) => ({
    heading: metric,
    drawing: comparedCurves({
      id: `curve-${metric}`,
      title: `CLAD's ${metric} by epoch`,
      runs,
      metric,
    }),
  }));
}
