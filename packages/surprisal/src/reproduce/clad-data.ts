import { takeArrayRows } from "../data/array-parts.js";
import type { NDArray } from "../data/ndarray.js";
import {
  type ClassScenario,
  classScenarios,
  type LabelledImages,
  loadClassImages,
  superCategories,
} from "../datasets/index.js";
import { SurprisalError } from "../errors.js";
import type { StudyScale, StudySettings } from "./study.js";

/** What the methods of one scenario learn and are judged by. Images are uint8. */
export interface ScenarioData {
  readonly name: string;
  /** Names of the normal classes, by the numbers in `trainClasses`. */
  readonly classNames: readonly string[];
  readonly train: NDArray;
  /** The class of each training image, which no method is told. */
  readonly trainClasses: Uint8Array;
  /** Normal test images, then anomalies. */
  readonly test: NDArray;
  /** 1 for an anomaly. */
  readonly labels: Uint8Array;
  /** Test images that are normal. */
  readonly normals: number;
}

/** The scenarios of a data set with its images. */
export interface CladData {
  readonly dataset: string;
  /** What was read, in words. */
  readonly origin: string;
  /** Whether these are all images of the published data set. */
  readonly whole: boolean;
  readonly scenarios: readonly ScenarioData[];
}

/** The name by which all scenarios of one class are asked for. */
const everyOneClass = "one-class";

/** Names that can be asked for: super-categories, single classes, and all of the latter at once. */
export function cladScenarioNames(dataset: string): readonly string[] {
  return [...classScenarios(dataset).map(({ name }) => name), everyOneClass];
}

/** The bundled images that stand for others in the smallest runs. */
const sample = "fashion-mnist-sample";

/** Single classes of a quick run: few, and the same whatever comes out. */
const quickClasses: Readonly<Record<string, readonly string[]>> = {
  mnist: ["one-class-0", "one-class-8"],
  cifar10: ["one-class-airplane", "one-class-ship"],
};

function chosen({ scale, dataset, scenarios }: StudySettings): readonly ClassScenario[] {
  if (scale === "tiny") return classScenarios(sample).slice(0, 1);
  const all = classScenarios(dataset);
  const groups = superCategories(dataset).map(({ name }) => name);
  const single = all.map(({ name }) => name).filter((name) => !groups.includes(name));
  const published =
    scale === "full" ? (dataset in quickClasses ? single : []) : (quickClasses[dataset] ?? []);
  const wanted = scenarios.length > 0 ? scenarios : [...groups, ...published];
  const names = wanted.flatMap((name) => (name === everyOneClass ? single : [name]));
  return all.filter(({ name }) => names.includes(name));
}

interface Limits {
  /** Training images of a class at most, and of one that is alone. */
  readonly train: number;
  readonly alone: number;
  /** Test images of a class at most. */
  readonly test: number;
}

const limits: Readonly<Record<StudyScale, Limits>> = {
  tiny: { train: 60, alone: 180, test: 20 },
  quick: { train: 1000, alone: 3000, test: 500 },
  full: {
    train: Number.POSITIVE_INFINITY,
    alone: Number.POSITIVE_INFINITY,
    test: Number.POSITIVE_INFINITY,
  },
};

/** The first rows of each class, in the order of the classes given. */
function firstOfEach(y: Uint8Array, labels: readonly number[], most: number): number[] {
  return labels.flatMap((label) => {
    const rows: number[] = [];
    for (let row = 0; row < y.length && rows.length < most; row++) if (y[row] === label) rows.push(row);
    return rows;
  });
}

function scenarioData(
  { name, normal, anomalous }: ClassScenario,
  training: LabelledImages,
  test: LabelledImages,
  { train, alone, test: testLimit }: Limits,
): ScenarioData {
  const labelsOf = (classes: ClassScenario["normal"]) => classes.map(({ label }) => label);
  const labels = labelsOf(normal);
  const rows = firstOfEach(training.y, labels, normal.length === 1 ? alone : train);
  const normals = firstOfEach(test.y, labels, testLimit);
  const anomalies = firstOfEach(test.y, labelsOf(anomalous), testLimit);
  if (rows.length === 0 || normals.length === 0 || anomalies.length === 0)
    throw new SurprisalError(`The scenario ${name} has no images of its classes.`);
  return {
    name,
    classNames: normal.map((one) => one.name),
    train: takeArrayRows(training.X, rows),
    trainClasses: Uint8Array.from(rows, (row) => labels.indexOf(training.y[row]!)),
    test: takeArrayRows(test.X, [...normals, ...anomalies]),
    labels: new Uint8Array(normals.length + anomalies.length).fill(1, normals.length),
    normals: normals.length,
  };
}

/** Loads the scenarios asked for. Throws as `loadClassImages`. */
export async function loadCladData(settings: StudySettings): Promise<CladData> {
  const { scale, signal } = settings;
  const dataset = scale === "tiny" ? sample : settings.dataset;
  const { X, y, test, origin, whole } = await loadClassImages(dataset, signal ? { signal } : {});
  return {
    dataset,
    origin,
    whole,
    scenarios: chosen(settings).map((scenario) => scenarioData(scenario, { X, y }, test, limits[scale])),
  };
}
