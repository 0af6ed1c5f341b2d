import { type DetectorFactory, detectors, didYouMean } from "surprisal";
import { UsageError } from "./faults.js";

/** Every detector there is. */
export const allDetectors: readonly DetectorFactory[] = Object.values(
  detectors,
) as readonly unknown[] as readonly DetectorFactory[];

const fold = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, "");

/** The detector of that name; case, blanks and dashes do not count (`isolationForest`). */
export const knownDetector = (name: string): DetectorFactory | undefined =>
  allDetectors.find(({ detectorName }) => fold(detectorName) === fold(name));

/** @throws UsageError with the nearest name when there is no such detector */
export function findDetector(name: string): DetectorFactory {
  const found = knownDetector(name);
  if (found !== undefined) return found;
  const names = allDetectors.map(({ detectorName }) => detectorName);
  const near = didYouMean(name, names);
  throw new UsageError(
    `unknown detector "${name}"`,
    near === undefined ? `Detectors: ${names.join(", ")}.` : `Did you mean "${near}"?`,
  );
}
