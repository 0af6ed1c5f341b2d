import { randomStream } from "@surprisal/engine/random";
import { SurprisalError } from "../errors.js";
import { classDot, classLegend } from "./class-dots.js";
import { attributes, type FigureOptions, svg } from "./figure.js";
import { colors } from "./palette.js";

export interface ClassMapOptions extends FigureOptions {
  /** Place of each row, as `umapPlane` gives it. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Class of each row: an index into `names`. */
  classes: ArrayLike<number>;
  names: readonly string[];
  /** Points drawn at most (1,500), a fixed random choice. */
  limit?: number;
}

/** Points in a plane whose axes mean nothing, coloured by class. */
export function classMap(options: ClassMapOptions): string {
  const { x, y, classes, names, width = 440, height: side = 400, limit = 1500 } = options;
  if (x.length !== classes.length || y.length !== classes.length) {
    throw new SurprisalError(
      `There are ${x.length} and ${y.length} places for ${classes.length} classes; give one of each a row.`,
    );
  }
  const order = randomStream(0, "class map").permutation(classes.length);
  const rows = Array.from(order.subarray(0, limit));
  const [entries, top] = classLegend(names, classes, rows, width);
  const frame = { left: 4, top, width: width - 8, height: side };
  const along = (values: ArrayLike<number>, start: number, length: number) => {
    const drawn = rows.map((row) => values[row]!);
    const [low, high] = [Math.min(...drawn), Math.max(...drawn)];
    const pad = 8;
    const unit = (length - 2 * pad) / (high - low || 1);
    return (row: number) => start + pad + (values[row]! - low) * unit;
  };
  const [right, down] = [along(x, frame.left, frame.width), along(y, frame.top, frame.height)];
  const dots = rows.map((row) => {
    const index = Math.trunc(classes[row]!);
    return classDot(row, index, names[index] ?? String(index), right(row), 2 * top + side - down(row));
  });
  const border = `<rect${attributes({ x: frame.left, y: frame.top, width: frame.width, height: frame.height, style: `fill:none;stroke:${colors.rule}` })}/>`;
  return svg({ ...options, width, height: top + side + 4 }, entries + border + dots.join(""));
}
