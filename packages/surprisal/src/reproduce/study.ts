import type { Detector, FitOptions, FittedDetector, Samples } from "../detector/index.js";
import type { ReportChapter } from "../report/chapter.js";
import type { ReportSection } from "../report/types.js";

/**
 * How much of a study is done: `full` as published; `quick` with less data and smaller networks, within
 * ten minutes on two cores; `tiny` on bundled samples, for tests of the way from data to report.
 */
export type StudyScale = "tiny" | "quick" | "full";

/** What a study is asked to do. */
export interface StudySettings {
  readonly scale: StudyScale;
  /** The data set to train on, for studies that have a choice. */
  readonly train: string;
  /** The data set that is judged, for studies that have a choice; else empty. */
  readonly dataset: string;
  /** The scenarios of that data set that were asked for; none where the study is to choose. */
  readonly scenarios: readonly string[];
  /** Repetitions with other random numbers. */
  readonly seeds: number;
  readonly signal?: AbortSignal;
}

/** One model of a study. */
export interface StudyModel {
  /** Unique in the study: its file is `NAME.onnx`. */
  readonly name: string;
  /** Models of one kind take the same time to train, which is measured once. */
  readonly kind: string;
  readonly detector: Detector;
  readonly samples: Samples;
  readonly labels?: FitOptions["labels"];
  /** Whether its training can keep its state, to go on from; a detector of two networks cannot. Default true. */
  readonly checkpoints?: boolean;
  /** What its fit is given beside. */
  readonly fit?: Pick<FitOptions, "classes" | "general" | "generalModel">;
  /** A model before it in the study that its fit needs: `times` is its cost in units of that one's. */
  readonly after?: {
    readonly name: string;
    readonly times: number;
    readonly fit: (model: FittedDetector) => NonNullable<StudyModel["fit"]>;
  };
  /** What it is trained on, kept in its file: a model trained on something else is not reused. */
  readonly source: string;
}

/** A table of results, as it goes into the CSV file. */
export interface StudyTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What a study found. */
export interface StudyOutcome {
  /** The study's part of the JSON object. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly table: StudyTable;
  readonly chapters: readonly ReportChapter[];
  readonly sections?: readonly ReportSection[];
}

export interface EvaluationContext {
  readonly signal?: AbortSignal;
  readonly onProgress: (fraction: number, note: string) => void;
}

/** A study whose data are loaded. */
export interface PreparedStudy {
  readonly models: readonly StudyModel[];
  /** Seconds that scoring and drawing take on two cores, roughly. */
  readonly evaluationSeconds: number;
  readonly evaluate: (
    models: ReadonlyMap<string, FittedDetector>,
    context: EvaluationContext,
  ) => Promise<StudyOutcome>;
}

/** A published study that can be run again, from data to report. */
export interface Study {
  readonly name: string;
  readonly title: string;
  /** One sentence for the help. */
  readonly summary: string;
  /** Data sets it can be trained on, the first unless told otherwise; empty where there is no choice. */
  readonly trains: readonly string[];
  /** Data sets it can be done on, the first unless told otherwise; absent where there is no choice. */
  readonly datasets?: readonly string[];
  /** Names of the scenarios of a data set; absent where there is no choice. */
  readonly scenarios?: (dataset: string) => readonly string[];
  readonly seeds: Readonly<Record<StudyScale, number>>;
  /** Loads the data and says which models are needed. Throws as `loadDataset`. */
  readonly prepare: (settings: StudySettings) => Promise<PreparedStudy>;
}
