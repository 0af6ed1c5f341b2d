import type { Detector } from "../detector/index.js";
import type { CladData, ScenarioData } from "./clad-data.js";
import { type CladOptions, cladDetector, cladOptions } from "./clad-methods.js";
import { publishedSweeps } from "./published-clad.js";
import type { StudyScale } from "./study.js";

/** What is swept: the number of clusters, or the size of the code. */
export type SweepOption = "clusters" | "latent";

/** AUROC by the values of one option, everything else being as in the main run. */
export interface Sweep {
  readonly scenario: string;
  readonly option: SweepOption;
  /** What stays as it is, in words. */
  readonly fixed: string;
  readonly points: readonly { readonly value: number; readonly auroc: Readonly<Record<string, number>> }[];
}

interface SweepSetting {
  readonly scenario: ScenarioData;
  readonly option: SweepOption;
  readonly values: readonly number[];
  readonly fixed: string;
}

const full = {
  clusters: [2, 4, 6, 8, 10, 12, 14, 16, 18, 20],
  latent: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
} as const;

/** The sweeps of a run: the published ones in full, of one scenario and few values in a quick one. */
export function sweepSettings(data: CladData, scale: StudyScale): readonly SweepSetting[] {
  const settings = (scenario: ScenarioData, option: SweepOption, values: readonly number[]): SweepSetting => {
    const { clusters, latent } = optionsOf(data, scenario, scale);
    return {
      scenario,
      option,
      values,
      fixed: option === "clusters" ? `codes of ${latent}` : `${clusters} clusters`,
    };
  };
  const first = data.scenarios.find(({ classNames }) => classNames.length > 1);
  if (first === undefined) return [];
  if (scale === "tiny") return [settings(first, "clusters", [2, 4])];
  if (scale === "quick") return data.dataset === "mnist" ? [settings(first, "clusters", [2, 6, 10])] : [];
  const published = data.scenarios.filter(({ name }) => name in publishedSweeps);
  return published.flatMap((scenario) =>
    (["clusters", "latent"] as const).map((option) => settings(scenario, option, full[option])),
  );
}

const optionsOf = (data: CladData, scenario: ScenarioData, scale: StudyScale): CladOptions =>
  cladOptions({ dataset: data.dataset, scenario, scale, seed: 1 });

export const sweepName = (option: SweepOption, value: number, scenario: string): string =>
  `clad-${option}-${value}-${scenario}`;

/** The models that the sweeps need beside those of the main run. */
export function sweepModels(
  data: CladData,
  scale: StudyScale,
): { readonly scenario: ScenarioData; readonly name: string; readonly detector: Detector }[] {
  return sweepSettings(data, scale).flatMap(({ scenario, option, values }) => {
    const options = optionsOf(data, scenario, scale);
    return values
      .filter((value) => value !== options[option])
      .map((value) => ({
        scenario,
        name: sweepName(option, value, scenario.name),
        detector: cladDetector({ ...options, [option]: value }),
      }));
  });
}
