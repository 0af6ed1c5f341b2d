import { randomStream } from "@surprisal/engine/random";
import { SurprisalError } from "../errors.js";
import { classDot, classLegend } from "./class-dots.js";
import { attributes, type FigureOptions, round, svg } from "./figure.js";
import { formatCount, formatNumber } from "./format.js";
import { colors } from "./palette.js";
import { type Rotation, rotated } from "./rotation.js";

export interface LatentScatterOptions extends FigureOptions {
  /** Codes, row-major `[count, dimensions]`; the first three dimensions are drawn. */
  codes: ArrayLike<number>;
  dimensions: number;
  /** Class of each code: an index into `names`. */
  classes: ArrayLike<number>;
  names: readonly string[];
  /** Points drawn at most (1,500), a fixed random choice. */
  limit?: number;
}

interface Chosen {
  rows: number[];
  code(row: number): [number, number, number];
  /** Half the side of the cube around all drawn points. */
  range: number;
}

/** How the rotatable figure stands at first. */
const start: Rotation = { azimuth: 35, elevation: 20 };

/** What a dimension is called along its axis. */
const axisName = (dimension: number) => `z[${dimension}]`;

function choose({ codes, dimensions, classes, limit = 1500 }: LatentScatterOptions): Chosen {
  if (codes.length !== classes.length * dimensions) {
    throw new SurprisalError(
      `${classes.length} codes of ${dimensions} dimensions need ${classes.length * dimensions} numbers, there are ${codes.length}`,
    );
  }
  const order = randomStream(0, "latent scatter").permutation(classes.length);
  const rows = Array.from(order.subarray(0, limit)).sort((a, b) => a - b);
  const at = (row: number, axis: number) => (axis < dimensions ? codes[row * dimensions + axis]! : 0);
  const code = (row: number): [number, number, number] => [at(row, 0), at(row, 1), at(row, 2)];
  const range = rows.reduce((most, row) => Math.max(most, ...code(row).map(Math.abs)), 1e-9);
  return { rows, code, range };
}

/**
 * Codes in three dimensions, coloured by class, seen from one side. In a report page the figure is
 * turned with the pointer or the arrow keys: `data-codes` holds the drawn codes, `data-range`,
 * `data-azimuth` and `data-elevation` how they are placed.
 */
export function latentScatter(options: LatentScatterOptions): string {
  const { classes, names, width = 440 } = options;
  const { rows, code, range } = choose(options);
  const [entries, top] = classLegend(names, classes, rows, width);
  const side = options.height ?? 360;
  const centre = { x: width / 2, y: top + side / 2 };
  // The cube's corners stay inside however it is turned.
  const unit = side / 2 / (range * Math.sqrt(3));
  const place = (point: readonly [number, number, number]) => {
    const [right, up] = rotated(point, start);
    return [centre.x + right * unit, centre.y - up * unit] as const;
  };
  const axes = ([0, 1, 2] as const).map((axis) => {
    const end: [number, number, number] = [0, 0, 0];
    end[axis] = range;
    const [x, y] = place(end);
    const [x0, y0] = place([-end[0], -end[1], -end[2]]);
    return (
      `<g data-axis="${axis}"><line${attributes({ x1: x0, y1: y0, x2: x, y2: y, style: `stroke:${colors.muted}` })}/>` +
      `<text${attributes({ x, y: y - 4, "font-size": 11 })}>${axisName(axis)}</text></g>`
    );
  });
  const dots = rows.map((row) => {
    const [x, y] = place(code(row));
    const index = Math.trunc(classes[row]!);
    return classDot(row, index, names[index] ?? String(index), x, y);
  });
  const data = {
    scatter: "latent",
    codes: rows.flatMap((row) => code(row).map((value) => Number(value.toPrecision(3)))).join(" "),
    range,
    unit,
    x: centre.x,
    y: centre.y,
    ...start,
  };
  const figure = { ...options, width, height: top + side + 4, data };
  const note = `<text${attributes({ x: width - 4, y: top + side, "text-anchor": "end", "font-size": 10, style: `fill:${colors.muted}` })}>axes from ${formatNumber(-range, 2)} to ${formatNumber(range, 2)}, ${formatCount(rows.length)} points</text>`;
  return svg(figure, entries + axes.join("") + dots.join("") + note);
}

/** The same codes on the three planes of the first three dimensions, side by side: for print and PNG. */
export function latentProjections(options: LatentScatterOptions): string {
  const { classes, names, width = 920 } = options;
  const { rows, code, range } = choose(options);
  const [entries, top] = classLegend(names, classes, rows, width);
  const gap = 50;
  const side = (width - 3 * gap) / 3;
  const planes = (
    [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const
  ).map(([right, up], i) => {
    const left = gap + i * (side + gap);
    const place = (value: number) => ((value + range) / (2 * range)) * side;
    const dots = rows.map((row) => {
      const point = code(row);
      const index = Math.trunc(classes[row]!);
      return classDot(
        row,
        index,
        names[index] ?? String(index),
        left + place(point[right]),
        top + side - place(point[up]),
      );
    });
    const ticks = [-range, 0, range].map((value) => {
      const label = formatNumber(Number(value.toPrecision(2)), 2);
      return (
        `<text${attributes({ x: left + place(value), y: top + side + 14, "font-size": 10 })}>${label}</text>` +
        `<text${attributes({ x: left - 5, y: top + side - place(value) + 3, "font-size": 10, "text-anchor": "end" })}>${label}</text>`
      );
    });
    return (
      `<g><rect${attributes({ x: left, y: top, width: side, height: side, style: `fill:none;stroke:${colors.rule}` })}/>` +
      ticks.join("") +
      `<text${attributes({ x: left + side / 2, y: top + side + 30 })}>${axisName(right)} →</text>` +
      `<text${attributes({ transform: `translate(${round(left - 30)},${round(top + side / 2)}) rotate(-90)` })}>${axisName(up)} →</text>` +
      `${dots.join("")}</g>`
    );
  });
  return svg({ ...options, width, height: top + side + 40 }, entries + planes.join(""));
}
