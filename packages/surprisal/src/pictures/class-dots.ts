import { attributes, escapeXml, legend } from "./figure.js";
import { classColors } from "./palette.js";

/** The colour of a class; from the eleventh on colours come again. */
const classColor = (index: number): string => classColors[index % classColors.length]!;

/**
 * Names of the classes that occur among the rows, in one or more lines.
 * @returns the SVG and its height
 */
export function classLegend(
  names: readonly string[],
  classes: ArrayLike<number>,
  rows: readonly number[],
  width: number,
): [svg: string, height: number] {
  const occur = new Set(rows.map((row) => classes[row]!));
  const column = Math.min(width, Math.max(...names.map(({ length }) => length)) * 6.6 + 40);
  const perLine = Math.max(1, Math.floor(width / column));
  const present = names.flatMap((name, index) => (occur.has(index) ? [{ name, index }] : []));
  const body = present.map(({ name, index }, i) =>
    legend(
      [{ name, color: classColor(index) }],
      8 + (i % perLine) * column,
      14 + 16 * Math.floor(i / perLine),
      column,
    ),
  );
  return [body.join(""), 16 * Math.ceil(present.length / perLine) + 10];
}

/** The point of one row. */
export function classDot(row: number, index: number, name: string, x: number, y: number): string {
  return `<circle${attributes({ cx: x, cy: y, r: 2, style: `fill:${classColor(index)}`, "fill-opacity": 0.75 })}><title>${escapeXml(`row ${row}: ${name}`)}</title></circle>`;
}
