import { cellOpacity } from "./cell-opacity.js";
import { attributes, type FigureOptions, svg } from "./figure.js";
import { formatCount, formatPercent } from "./format.js";
import { colors } from "./palette.js";

/** Counts of a two-class confusion matrix, anomalies positive. */
export interface ConfusionCounts {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

export interface ConfusionFigureOptions extends FigureOptions {
  counts: ConfusionCounts;
}

/**
 * The confusion matrix: a row per true class, a column per decision, each cell with its count and
 * its share of the row. Cells are groups `data-cell="tn|fp|fn|tp"` with a `rect`, a count
 * (`data-text="count"`) and a share (`data-text="share"`), which a script may rewrite.
 */
export function confusionFigure(options: ConfusionFigureOptions): string {
  const { counts, width = 340, height = 300 } = options;
  const margin = { top: 30, left: 66 };
  const gap = 4;
  const cell = { width: (width - margin.left - gap) / 2, height: (height - margin.top - 8 - gap) / 2 };
  const normals = counts.trueNegatives + counts.falsePositives;
  const anomalies = counts.truePositives + counts.falseNegatives;
  const cells = [
    { key: "tn", name: "true negatives", count: counts.trueNegatives, of: normals, row: 0, column: 0 },
    { key: "fp", name: "false positives", count: counts.falsePositives, of: normals, row: 0, column: 1 },
    { key: "fn", name: "false negatives", count: counts.falseNegatives, of: anomalies, row: 1, column: 0 },
    { key: "tp", name: "true positives", count: counts.truePositives, of: anomalies, row: 1, column: 1 },
  ].map(({ key, name, count, of, row, column }) => {
    const x = margin.left + column * (cell.width + gap);
    const y = margin.top + row * (cell.height + gap);
    const middle = { x: x + cell.width / 2, y: y + cell.height / 2 };
    const share = count / of;
    const color = row === 0 ? colors.normal : colors.anomaly;
    const fill = { ...cell, x, y, rx: 3, style: `fill:${color}`, "fill-opacity": String(cellOpacity(share)) };
    const right = row === column;
    return (
      `<g data-cell="${key}"><rect${attributes(fill)}/>` +
      `<text${attributes({ x: middle.x, y: middle.y - 16, style: `fill:${colors.muted}` })}>${name}${right ? " ✓" : ""}</text>` +
      `<text data-text="count"${attributes({ x: middle.x, y: middle.y + 11, "font-size": 24, "font-weight": 600 })}>${formatCount(count)}</text>` +
      `<text data-text="share"${attributes({ x: middle.x, y: middle.y + 32 })}>${formatPercent(share)}</text></g>`
    );
  });
  const columnNames = ["not flagged", "flagged"].map((name, column) => {
    const x = margin.left + column * (cell.width + gap) + cell.width / 2;
    return `<text${attributes({ x, y: margin.top - 12 })}>${name}</text>`;
  });
  const rowNames = ["normal", "anomaly"].map((name, row) => {
    const y = margin.top + row * (cell.height + gap) + cell.height / 2 + 4;
    return `<text${attributes({ x: margin.left - 10, y, "text-anchor": "end" })}>${name}</text>`;
  });
  return svg({ ...options, width, height }, [...cells, ...columnNames, ...rowNames].join(""));
}
