/**
 * The horizontal axis of anomaly scores, shared by the figure and by the slider under it. Scores
 * often have a few values very far out; then the axis is linear near the median and logarithmic
 * away from it (asinh of the distance in interquartile ranges), for any sign of score. This file is
 * also placed, compiled, in report pages: it imports nothing.
 */
export interface ScoreAxis {
  kind: "linear" | "asinh";
  /** Centre of the asinh axis: the median. */
  center: number;
  /** Width of its linear part: the interquartile range. */
  scale: number;
  /** Score at the left end. */
  low: number;
  /** Score at the right end. */
  high: number;
}

function bend(axis: ScoreAxis, score: number): number {
  return axis.kind === "linear" ? score : Math.asinh((score - axis.center) / axis.scale);
}

/** Position of a score on the axis: 0 at the left end, 1 at the right end, clamped. */
export function project(axis: ScoreAxis, score: number): number {
  const low = bend(axis, axis.low);
  const position = (bend(axis, score) - low) / (bend(axis, axis.high) - low);
  return Math.min(1, Math.max(0, position));
}

/** The score at a position in 0…1: the inverse of {@link project}. */
export function unproject(axis: ScoreAxis, position: number): number {
  const low = bend(axis, axis.low);
  const bent = low + position * (bend(axis, axis.high) - low);
  return axis.kind === "linear" ? bent : axis.center + axis.scale * Math.sinh(bent);
}

/**
 * The axis for these scores (any order, infinities left out of the range), wide enough for
 * `threshold` where that is finite. It bends when an end lies more than ten interquartile ranges
 * from the median.
 */
export function scoreAxis(scores: ArrayLike<number>, threshold?: number): ScoreAxis {
  const finite = Float64Array.from(scores).filter(Number.isFinite).sort();
  if (threshold !== undefined && Number.isFinite(threshold) && finite.length === 0) {
    return { kind: "linear", center: threshold, scale: 1, low: threshold - 1, high: threshold + 1 };
  }
  const at = (share: number) => finite[Math.round(share * (finite.length - 1))] ?? 0;
  const median = at(0.5);
  const range = at(0.75) - at(0.25);
  let low = at(0);
  let high = at(1);
  if (threshold !== undefined && Number.isFinite(threshold)) {
    low = Math.min(low, threshold);
    high = Math.max(high, threshold);
  }
  const size = Math.max(Math.abs(low), Math.abs(high));
  // Scores that differ by rounding only are drawn as equal.
  if (high - low <= 1e-12 * size || high - low < 1e-200) {
    const margin = Math.max(size * 0.01, 1e-6);
    return { kind: "linear", center: low, scale: 1, low: low - margin, high: high + margin };
  }
  const bent = range > 1e-12 * (high - low) && Math.max(high - median, median - low) > 10 * range;
  const axis: ScoreAxis = { kind: bent ? "asinh" : "linear", center: median, scale: range || 1, low, high };
  const margin = 0.02;
  return { ...axis, low: unproject(axis, -margin), high: unproject(axis, 1 + margin) };
}

/** Round numbers between `low` and `high`: the finest steps that make no more than `count` intervals. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const tick = Number(((first + i) * step).toPrecision(12));
    return tick === 0 ? 0 : tick;
  });
}

/** Tick values for an axis, at least `gap` (share of the axis) apart. */
export function scoreTicks(axis: ScoreAxis, gap: number): number[] {
  if (axis.kind === "linear") return niceTicks(axis.low, axis.high, Math.floor(1 / gap));
  const { low, high, center, scale } = axis;
  const inside = (value: number) => value >= low && value <= high;
  const ticks = niceTicks(center - 1.5 * scale, center + 1.5 * scale, 3).filter(inside);
  const largest = Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high))));
  const smallest = Math.floor(Math.log10(scale));
  for (const digit of [1, 2, 5]) {
    for (let power = largest; power >= smallest; power--) {
      ticks.push(...[1, -1].map((sign) => sign * digit * 10 ** power).filter(inside));
    }
  }
  const kept: number[] = [];
  for (const tick of ticks) {
    const position = project(axis, tick);
    if (kept.every((other) => Math.abs(project(axis, other) - position) >= gap)) kept.push(tick);
  }
  return kept.sort((a, b) => a - b);
}
