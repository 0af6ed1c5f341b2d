import * as Plot from "@observablehq/plot";
import { attributes, escapeXml, type FigureOptions, legend, plotFigure } from "./figure.js";
import { formatCount, formatNumber, formatPercent } from "./format.js";
import { colors } from "./palette.js";
import { project, type ScoreAxis, scoreAxis, scoreTicks, unproject } from "./score-axis.js";

export interface HistogramOptions extends FigureOptions {
  /** Anomaly scores, one per row. */
  scores: ArrayLike<number>;
  /** 1 for anomalies, 0 for normal rows; without it one histogram of all rows is drawn. */
  labels?: ArrayLike<number>;
  /** Score from which a row is flagged: drawn as a line. */
  threshold?: number;
  /** The score axis; found from the scores when absent. */
  axis?: ScoreAxis;
  /** Number of equal bins along the axis (60). */
  bins?: number;
  /** What the scores are called ("anomaly score"). */
  scoreLabel?: string;
}

/** Pixels left and right of the plot area: a slider under the figure is aligned by them. */
export const histogramMargins = { left: 44, right: 14 } as const;

interface Bar {
  x1: number;
  x2: number;
  y1: number;
  y2: number;
  name: string;
}

/** Count scores in equal bins of the (projected) axis; the end bins take what lies outside. */
export function binScores(scores: ArrayLike<number>, axis: ScoreAxis, bins: number): Uint32Array {
  const counts = new Uint32Array(bins);
  for (let row = 0; row < scores.length; row++) {
    const bin = Math.min(bins - 1, Math.floor(project(axis, scores[row]!) * bins));
    counts[bin] = counts[bin]! + 1;
  }
  return counts;
}

/**
 * Histogram of the scores. With labels, normal rows point up and anomalies down, each as a share of
 * its own class: the threshold line then cuts the figure into the four cells of the confusion
 * matrix. The line is a group `data-role="threshold"` whose transform a script may move; the pixels
 * of the axis ends are `data-left` and `data-right`.
 */
export function scoreHistogram(options: HistogramOptions): string {
  const {
    scores,
    labels,
    threshold,
    width = 920,
    height = 300,
    bins = 60,
    scoreLabel = "anomaly score",
  } = options;
  const axis = options.axis ?? scoreAxis(scores, threshold);
  const rows = Array.from(scores);
  const classes = labels
    ? [
        { name: "normal", sign: 1, color: colors.normal, scores: rows.filter((_, row) => !labels[row]) },
        { name: "anomaly", sign: -1, color: colors.anomaly, scores: rows.filter((_, row) => labels[row]) },
      ]
    : [{ name: "all rows", sign: 1, color: colors.normal, scores: rows }];
  const drawn = classes.map((group) => ({ ...group, bars: barsOf(group, axis, bins) }));
  const top = 46;
  const ends = { left: histogramMargins.left, right: width - histogramMargins.right };
  const pixel = (score: number) => ends.left + project(axis, score) * (ends.right - ends.left);
  const ticks = scoreTicks(axis, 62 / (ends.right - ends.left));
  const largest = Math.max(...drawn.flatMap(({ bars }) => bars.map(({ y2 }) => Math.abs(y2))));
  const lowest = Math.min(0, ...drawn.flatMap(({ bars }) => bars.map(({ y2 }) => y2)));
  const marks = [
    Plot.gridY({ stroke: colors.rule, strokeOpacity: 1, ticks: 5 }),
    Plot.axisX({
      ticks: ticks.map((tick) => project(axis, tick)),
      tickFormat: (_position: number, i: number) => formatNumber(ticks[i]!),
      label: `${scoreLabel}${axis.kind === "linear" ? "" : " (asinh scale)"} →`,
      labelArrow: "none",
      labelOffset: 36,
      tickSize: 4,
    }),
    Plot.axisY({
      ticks: 5,
      tickSize: 0,
      label: null,
      tickFormat: (y: number) => `${shortPercent(Math.abs(y))}`,
    }),
    ...drawn.map(({ bars, color }) =>
      Plot.rect(bars, {
        x1: "x1",
        x2: "x2",
        y1: "y1",
        y2: "y2",
        fill: color,
        insetLeft: 0.5,
        insetRight: 0.5,
        title: "name",
      }),
    ),
    Plot.ruleY([0], { stroke: colors.ink }),
  ];
  return plotFigure(
    { ...options, width, height },
    {
      marginTop: top,
      marginBottom: 42,
      marginLeft: histogramMargins.left,
      marginRight: histogramMargins.right,
      x: { domain: [0, 1] },
      y: {
        domain: [lowest < 0 ? Math.min(lowest, -0.25 * largest) : 0, drawn[0]!.bars.length ? largest : 1],
      },
      marks,
    },
    {
      underlay: () => (threshold === undefined ? "" : flaggedArea(pixel(threshold), ends.right, top, height)),
      overlay: () =>
        legend(
          drawn.map(({ name, color, sign, scores: { length } }) => ({
            name: `${name}${labels ? (sign > 0 ? " ↑" : " ↓") : ""} (${formatCount(length)})`,
            color,
          })),
          ends.left,
          14,
          ends.right - ends.left,
        ) + (threshold === undefined ? "" : thresholdLine(pixel(threshold), threshold, ends, top, height)),
      data: () => ({ left: ends.left, right: ends.right }),
    },
  );
}

function barsOf(
  group: { name: string; sign: number; scores: number[] },
  axis: ScoreAxis,
  bins: number,
): Bar[] {
  const total = group.scores.length;
  return Array.from(binScores(group.scores, axis, bins), (count, bin) => {
    const from = formatNumber(unproject(axis, bin / bins), 3);
    const to = formatNumber(unproject(axis, (bin + 1) / bins), 3);
    const share = count / total;
    const name = `${from} to ${to}: ${formatCount(count)} ${group.name} (${formatPercent(share)})`;
    return { count, x1: bin / bins, x2: (bin + 1) / bins, y1: 0, y2: group.sign * share, name };
  }).filter(({ count }) => count > 0);
}

function shortPercent(share: number): string {
  return `${formatNumber(share * 100, 3)} %`;
}

function flaggedArea(x: number, right: number, top: number, height: number): string {
  const place = { x, y: top, width: Math.max(0, right - x), height: height - 42 - top };
  return `<rect${attributes({ "data-role": "flagged", ...place, style: `fill:${colors.ink};fill-opacity:0.055` })}/>`;
}

function thresholdLine(
  x: number,
  threshold: number,
  ends: { left: number; right: number },
  top: number,
  height: number,
): string {
  const anchor = x > (ends.left + ends.right) / 2 ? "end" : "start";
  const line = `<line${attributes({ y1: top - 12, y2: height - 42, style: `stroke:${colors.ink};stroke-width:1.5` })}/>`;
  const text = `<text${attributes({ y: top - 6, x: anchor === "end" ? -6 : 6, "text-anchor": anchor, "font-weight": 600 })}>${escapeXml(`threshold ${formatNumber(threshold)}`)}</text>`;
  return `<g${attributes({ "data-role": "threshold", transform: `translate(${Math.round(x * 100) / 100},0)` })}>${line}${text}</g>`;
}
