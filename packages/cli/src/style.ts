import type { Io, OutputStream } from "./io.js";

/** Text in a colour or weight, or the text itself where colours are not wanted. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Colours only on a terminal that has them, and never under NO_COLOR (no-color.org). */
export function wantsColor(stream: OutputStream, env: Io["env"]): boolean {
  return stream.isTTY === true && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
}

export function styleOf(stream: OutputStream, env: Io["env"]): Style {
  const color = wantsColor(stream, env);
  const paint = (name: keyof typeof codes) => (text: string) =>
    color ? `\u001B[${codes[name][0]}m${text}\u001B[${codes[name][1]}m` : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
    cyan: paint("cyan"),
  };
}

/** How many characters a text takes on the screen: colour codes and control characters take none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character
const visibleLength = (text: string): number => [...text.replace(/\u001B\[\d+m/g, "")].length;

/** Breaks text at blanks into lines of at most `width` characters; longer words stay whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && visibleLength(line) + 1 + visibleLength(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/**
 * Rows of cells in aligned columns, two blanks apart. Columns named in `right` are aligned to the
 * right; the last column is wrapped to what is left of `width`.
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  options: { readonly right?: readonly number[]; readonly width?: number; readonly indent?: number } = {},
): string {
  const { right = [], width = 100, indent = 0 } = options;
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, j) =>
    Math.max(0, ...rows.map((row) => visibleLength(row[j] ?? ""))),
  );
  const left = " ".repeat(indent);
  const before = widths.slice(0, -1).reduce((sum, size) => sum + size + 2, indent);
  const wrapped = Math.max(24, width - before);
  const lines = rows.flatMap((row) => {
    const [first = "", ...rest] = right.includes(count - 1)
      ? [row[count - 1] ?? ""]
      : wrap(row[count - 1] ?? "", wrapped);
    const cells = [...row.slice(0, count - 1), first].map((cell, j) => {
      const gap = " ".repeat(Math.max(0, widths[j]! - visibleLength(cell)));
      if (right.includes(j)) return gap + cell;
      return j === count - 1 ? cell : cell + gap;
    });
    return [left + cells.join("  "), ...rest.map((line) => " ".repeat(before) + line)];
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}
