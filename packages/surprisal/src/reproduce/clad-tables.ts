import { lines } from "../pictures/index.js";
import type { ReportCell, ReportFigure, ReportTable } from "../report/index.js";
import type { CladData, ScenarioData } from "./clad-data.js";
import type { Judged } from "./clad-judge.js";
import { cladMethods } from "./clad-methods.js";
import type { Clusters } from "./clad-pictures.js";
import type { Sweep } from "./clad-sweeps.js";
import { publishedAuroc, publishedMethods, publishedSweeps } from "./published-clad.js";
import { formatRuns, meanOf } from "./statistics.js";

/** By scenario and score, one entry a seed. */
export type Figures = Map<string, Map<string, Judged[]>>;

const scoreTitles = cladMethods.flatMap(({ scores }) => scores);

const isMultiClass = ({ classNames }: ScenarioData): boolean => classNames.length > 1;

const aurocs = (figures: Figures, scenario: string, score: string): number[] =>
  (figures.get(scenario)?.get(score) ?? []).map(({ auroc }) => auroc);

/** AUROC of all methods in all scenarios, ours and the published ones below; one class apart. */
export function aurocTable(figures: Figures, data: CladData): ReportTable[] {
  const groups = [
    { caption: "AUROC, several normal classes", scenarios: data.scenarios.filter(isMultiClass) },
    {
      caption: "AUROC, one normal class",
      scenarios: data.scenarios.filter((scenario) => !isMultiClass(scenario)),
    },
  ];
  return groups
    .filter(({ scenarios }) => scenarios.length > 0)
    .map(({ caption, scenarios }): ReportTable => {
      const names = scenarios.map(({ name }) => name);
      const best = names.map((name) =>
        Math.max(...scoreTitles.map(({ id }) => meanOf(aurocs(figures, name, id)))),
      );
      const ours = scoreTitles.map(({ id, title }): ReportCell[] => [
        title,
        ...names.map((name, i) => ({
          number: formatRuns(aurocs(figures, name, id)),
          strong: meanOf(aurocs(figures, name, id)) === best[i],
        })),
        { number: meanOf(names.map((name) => meanOf(aurocs(figures, name, id)))).toFixed(3) },
      ]);
      const published = publishedMethods.flatMap((method): ReportCell[][] => {
        const values = names.map((name) => publishedAuroc(name, method));
        if (values.every((value) => value === undefined)) return [];
        const known = values.filter((value) => value !== undefined);
        return [
          [
            `published: ${scoreTitles.find(({ id }) => id === method)?.title ?? method}`,
            ...values.map((value) => ({ number: value === undefined ? "–" : value.toFixed(3) })),
            { number: known.length === names.length ? meanOf(known).toFixed(3) : "–" },
          ],
        ];
      });
      return {
        caption,
        columns: ["method", ...names.map((name) => name.replace("one-class-", "")), "mean"],
        rows: [...ours, ...published],
        ...(published.length > 0 && {
          note:
            "Published: Park et al. 2021, tables 1 to 4. Their SVDD learned from labels that switch it off, some values below one half " +
            "were turned round, and CLAD's look like the best of a sweep on the test images.",
        }),
      };
    });
}

/** All figures of one scenario. */
export function scenarioTable(scenario: string, figures: Figures): ReportTable {
  const of = figures.get(scenario)!;
  const cell = (runs: Judged[], key: keyof Judged) => ({ number: formatRuns(runs.map((run) => run[key])) });
  return {
    caption: `${scenario}: all figures`,
    columns: ["method", "AUROC", "published", "average precision", "FPR at 95 % TPR", "best F1"],
    rows: scoreTitles.map(({ id, title }) => {
      const runs = of.get(id)!;
      return [
        title,
        cell(runs, "auroc"),
        { number: publishedAuroc(scenario, id)?.toFixed(3) ?? "–" },
        cell(runs, "ap"),
        cell(runs, "fprAt95Tpr"),
        cell(runs, "bestF1"),
      ];
    }),
  };
}

/** How many images each scenario has. */
export function sizesTable(data: CladData): ReportTable {
  return {
    caption: "Images",
    columns: ["scenario", "training", "test: normal", "test: anomalous", "normal classes"],
    rows: data.scenarios.map(({ name, classNames, train, normals, labels }) => [
      name,
      { number: train.shape[0]!.toLocaleString("en") },
      { number: normals.toLocaleString("en") },
      { number: (labels.length - normals).toLocaleString("en") },
      // Long lists stand last, so that no number is beyond the edge.
      classNames.join(", "),
    ]),
    note: `From ${data.origin}.`,
  };
}

/** One published claim, and whether it is seen here. */
export interface Claim {
  readonly claim: string;
  readonly isHeld: boolean;
  /** The figures that decide. */
  readonly because: string;
}

/** The published claims that a run's scenarios can decide. */
export function claimsOf(figures: Figures, data: CladData, sweeps: readonly Sweep[]): Claim[] {
  const mean = (scenarios: readonly ScenarioData[], score: string) =>
    meanOf(scenarios.map(({ name }) => meanOf(aurocs(figures, name, score))));
  const compare = (
    claim: string,
    scenarios: readonly ScenarioData[],
    [a, b]: readonly [string, string],
    margin: number,
  ): Claim[] => {
    if (scenarios.length === 0 || [a, b].some((score) => !scoreTitles.some(({ id }) => id === score)))
      return [];
    const [left, right] = [mean(scenarios, a), mean(scenarios, b)];
    return [{ claim, isHeld: left >= right + margin, because: `${left.toFixed(3)} and ${right.toFixed(3)}` }];
  };
  const several = data.scenarios.filter(isMultiClass);
  const alone = data.scenarios.filter((scenario) => !isMultiClass(scenario));
  const few = sweeps
    .filter(({ option }) => option === "clusters")
    .flatMap(({ scenario, points }): Claim[] => {
      const at = (value: number) => points.find((point) => point.value === value)?.auroc.clad;
      const [two, six] = [at(2), at(6)];
      if (two === undefined || six === undefined) return [];
      return [
        {
          claim: `${scenario}: two clusters are too few, six are better by 0.05`,
          isHeld: six > two + 0.05,
          because: `${six.toFixed(3)} and ${two.toFixed(3)}`,
        },
      ];
    });
  return [
    ...compare(
      "several classes: CLAD is better than Deep SVDD by 0.03",
      several,
      ["clad", "deep-svdd"],
      0.03,
    ),
    ...compare("several classes: CLAD is better than the OC-SVM by 0.03", several, ["clad", "oc-svm"], 0.03),
    ...compare("one class: Deep SVDD is no worse than CLAD by 0.02", alone, ["deep-svdd", "clad"], -0.02),
    ...compare("ODIN is no worse than the base score", data.scenarios, ["clad", "clad-base"], 0),
    ...few,
  ];
}

export function claimsTable(claims: readonly Claim[]): ReportTable {
  return {
    caption: "The published claims",
    columns: ["claim", "here", "mean AUROC"],
    rows: claims.map(({ claim, isHeld, because }) => [
      claim,
      isHeld ? "holds" : "does not hold",
      { number: because },
    ]),
  };
}

/** Which classes the training images of each cluster are of. */
export function clusterTable({ name, classNames }: ScenarioData, { agreement }: Clusters): ReportTable {
  const { counts, purity, nmi, accuracy } = agreement;
  return {
    caption: `${name}: training images by cluster and class`,
    columns: ["cluster", ...classNames, "images", "purity"],
    rows: counts.flatMap((row, cluster) => {
      const total = row.reduce((a, b) => a + b, 0);
      if (total === 0) return [];
      const largest = Math.max(...row);
      return [
        [
          String(cluster),
          ...classNames.map((_, i) => ({ number: String(row[i] ?? 0), strong: row[i] === largest })),
          { number: String(total) },
          { number: (largest / total).toFixed(2) },
        ],
      ];
    }),
    note: `Purity ${purity.toFixed(3)}, normalised mutual information ${nmi.toFixed(3)}, accuracy with one cluster a class ${accuracy.toFixed(3)}.`,
  };
}

/** How CLAD was made in each scenario. */
export function makingTable(clusters: ReadonlyMap<string, Clusters>): ReportTable {
  return {
    caption: "How CLAD was made",
    columns: [
      "scenario",
      "clusters k",
      "size of the code h",
      "epochs of clustering",
      "classifier's accuracy",
      "T",
      "ε",
    ],
    rows: [...clusters].map(([name, { making }]) => [
      name,
      { number: String(making.clusters) },
      { number: String(making.latent) },
      { number: String(making.clusteringEpochs) },
      { number: making.classifierAccuracy.toFixed(3) },
      { number: String(making.temperature) },
      { number: String(making.epsilon) },
    ]),
    note:
      "k and h are those of the published scripts, less the clusters that remained empty; T is 1000, as published for ODIN; ε is in units of " +
      "pixels of 0 to 1, the one of 0 to 0.01 at which held-out training images are told with most confidence. The accuracy is that " +
      "of telling the clusters of training images.",
  };
}

const optionTitles = { clusters: "clusters k", latent: "size of the code h" } as const;

const publishedSweep = ({ scenario, option }: Sweep) => publishedSweeps[scenario]?.[option];

export function sweepTable(sweep: Sweep): ReportTable {
  const known = publishedSweep(sweep);
  const scores = scoreTitles.filter(({ id }) => id in (sweep.points[0]?.auroc ?? {}));
  return {
    caption: `${sweep.scenario}: AUROC by ${optionTitles[sweep.option]}, ${sweep.fixed}`,
    columns: [optionTitles[sweep.option], ...scores.map(({ title }) => title), "published"],
    rows: sweep.points.map(({ value, auroc }) => {
      const at = known?.values.indexOf(value) ?? -1;
      return [
        { number: String(value) },
        ...scores.map(({ id }) => ({ number: auroc[id]!.toFixed(3) })),
        { number: at >= 0 ? known!.auroc[at]!.toFixed(3) : "–" },
      ];
    }),
  };
}

export function sweepFigures(sweeps: readonly Sweep[]): ReportFigure[] {
  return sweeps.map((sweep) => {
    const known = publishedSweep(sweep);
    const scores = scoreTitles.filter(({ id }) => id in (sweep.points[0]?.auroc ?? {}));
    const x = sweep.points.map(({ value }) => value);
    return {
      heading: `${sweep.scenario}: ${optionTitles[sweep.option]}`,
      drawing: lines({
        id: `sweep-${sweep.scenario}-${sweep.option}`,
        title: `AUROC by ${optionTitles[sweep.option]}`,
        groups: [
          ...scores.map(({ id, title }) => ({
            name: title,
            x,
            y: sweep.points.map(({ auroc }) => auroc[id]!),
          })),
          ...(known ? [{ name: "published", x: known.values, y: known.auroc }] : []),
        ],
        xLabel: optionTitles[sweep.option],
        yLabel: "AUROC",
      }),
    };
  });
}
