import type { ScoreAxis } from "../pictures/score-axis.js";
import type { OperatingPoints } from "./metrics-at.js";

/**
 * One section's data in the page, as JSON: columns are little-endian numbers in base64. This file
 * is also placed, compiled, in report pages.
 */
export interface PageSection {
  id: string;
  axis: ScoreAxis;
  /** As text, because JSON has no infinity. */
  threshold: string;
  labelled: boolean;
  positives: number;
  negatives: number;
  distinct: number;
  /** Bytes of one score: 4 where all scores are float32 numbers, else 8. */
  scoreBytes: 4 | 8;
  scores: string;
  truePositives: string;
  falsePositives: string;
}

/** Pack the operating points of a section. */
export function encodeSection(
  id: string,
  axis: ScoreAxis,
  threshold: number,
  points: OperatingPoints,
): PageSection {
  const { labelled, positives, negatives, distinct } = points;
  const single = points.scores.every((score) => Math.fround(score) === score);
  return {
    id,
    axis,
    threshold: String(threshold),
    labelled,
    positives,
    negatives,
    distinct,
    scoreBytes: single ? 4 : 8,
    scores: toBase64(single ? Float32Array.from(points.scores) : points.scores),
    truePositives: toBase64(points.truePositives),
    falsePositives: toBase64(points.falsePositives),
  };
}

/** Unpack the operating points of a section. */
export function decodeSection(section: PageSection): OperatingPoints {
  const { labelled, positives, negatives, distinct, scoreBytes } = section;
  const bytes = fromBase64(section.scores);
  return {
    scores: scoreBytes === 4 ? Float64Array.from(new Float32Array(bytes)) : new Float64Array(bytes),
    truePositives: new Uint32Array(fromBase64(section.truePositives)),
    falsePositives: new Uint32Array(fromBase64(section.falsePositives)),
    positives,
    negatives,
    labelled,
    distinct,
  };
}

function toBase64(values: Float32Array | Float64Array | Uint32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}
