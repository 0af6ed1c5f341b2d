import { clad } from "./clad.js";
import { contaminatedMnist } from "./contaminated-mnist.js";
import { hierarchies } from "./hierarchies.js";
import { reconstructionProbability } from "./reconstruction-probability.js";
import type { Study } from "./study.js";
import { waic } from "./waic.js";
import { wgan } from "./wgan.js";

export {
  type RunStudyOptions,
  runStudy,
  type StudyEstimate,
  type StudyProgress,
  type StudyRun,
} from "./run-study.js";
export type {
  PreparedStudy,
  Study,
  StudyModel,
  StudyOutcome,
  StudyScale,
  StudySettings,
  StudyTable,
} from "./study.js";

/** All studies, by name. */
export const studies: readonly Study[] = [
  reconstructionProbability,
  contaminatedMnist,
  waic,
  wgan,
  hierarchies,
  clad,
];
