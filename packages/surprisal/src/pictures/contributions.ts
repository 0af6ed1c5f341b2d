import { attributes, escapeXml, type FigureOptions, fitText, svg } from "./figure.js";
import { formatNumber } from "./format.js";
import { colors } from "./palette.js";

/** One feature of a row: its value as text, and its part in the row's score. */
export interface Contribution {
  name: string;
  value: string;
  /** In units of the score; negative where the feature speaks against an anomaly. */
  contribution: number;
}

export interface ContributionsOptions extends FigureOptions {
  values: Contribution[];
  /** Features drawn, largest contribution first (8); the rest are counted in a last line. */
  limit?: number;
  /** Contribution that fills the scale, to compare rows; the row's own largest when absent. */
  largest?: number;
}

const rowHeight = 22;

/**
 * Bars of what each feature adds to a row's score, all on one scale: positive to the right,
 * negative to the left of the zero line where there are any. Each line has the feature's name, its
 * value, its bar and the contribution as a number.
 */
export function contributionBars(options: ContributionsOptions): string {
  const { values, limit = 8, width = 290 } = options;
  const sorted = [...values].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const shown = sorted.slice(0, limit);
  const rest = sorted.slice(limit);
  const signed = shown.some(({ contribution }) => contribution < 0);
  const bars = { left: width * 0.53, right: width - 46 };
  const most = (sign: 1 | -1) => Math.max(0, ...shown.map(({ contribution }) => sign * contribution));
  const low = signed ? (options.largest ?? most(-1)) : 0;
  const high = options.largest ?? most(1);
  const unit = low + high > 0 ? (bars.right - bars.left) / (low + high) : 0;
  const zero = bars.left + low * unit;
  const lines = shown.map(({ name, value, contribution }, i) => {
    const y = i * rowHeight;
    const length = Math.min(Math.abs(contribution), contribution < 0 ? low : high) * unit;
    const color = contribution < 0 ? colors.normal : colors.anomaly;
    const bar = {
      "data-role": "bar",
      x: contribution < 0 ? zero - length : zero,
      y: y + 4,
      width: length,
      height: rowHeight - 8,
      style: `fill:${color}`,
    };
    const text = fitText(value, width * 0.2);
    const nameWidth = bars.left - 8 - 6.6 * [...text].length - 10;
    return (
      `<g><title>${escapeXml(`${name} = ${value}: ${formatNumber(contribution)}`)}</title>` +
      `<text${attributes({ x: 0, y: y + 15, "text-anchor": "start" })}>${escapeXml(fitText(name, nameWidth))}</text>` +
      `<text${attributes({ x: bars.left - 8, y: y + 15, "text-anchor": "end", style: `fill:${colors.muted}` })}>${escapeXml(text)}</text>` +
      `<rect${attributes(bar)}/>` +
      `<text${attributes({ x: width, y: y + 15, "text-anchor": "end" })}>${formatNumber(contribution, 3)}</text></g>`
    );
  });
  const bottom = shown.length * rowHeight;
  const sum = rest.reduce((total, { contribution }) => total + contribution, 0);
  const remainder =
    rest.length > 0
      ? `<text${attributes({ x: 0, y: bottom + 15, "text-anchor": "start", style: `fill:${colors.muted}` })}>${rest.length} more feature${rest.length > 1 ? "s" : ""}, together ${formatNumber(sum, 3)}</text>`
      : "";
  const axis = `<line${attributes({ x1: zero, x2: zero, y1: 0, y2: bottom, style: `stroke:${colors.muted}` })}/>`;
  const height = bottom + (rest.length > 0 ? rowHeight : 2);
  return svg({ ...options, width, height }, lines.join("") + axis + remainder);
}
