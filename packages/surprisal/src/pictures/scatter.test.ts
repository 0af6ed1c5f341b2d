import { describe, expect, test } from "vitest";
import { numbersIn, parseSvg } from "../testing/svg.js";
import { comparedCurves } from "./curves.js";
import { densityMap, gridPoints } from "./density-map.js";
import { lines } from "./lines.js";
import { svgToPng } from "./png.js";
import { scatter } from "./scatter.js";

describe("scatter", () => {
  const groups = [
    { name: "normal", x: [1, 2, 3], y: [10, 100, 1000] },
    { name: "<others>", x: [4, Number.NaN, 6], y: [0, 1, 5] },
  ];
  const labels = { xLabel: "IWAE", yLabel: "variance" };

  test("draws the points an axis can show, with every group named", async () => {
    const linear = await parseSvg(scatter({ id: "s", title: "s", groups, ...labels }));
    const log = await parseSvg(scatter({ id: "s", title: "s", groups, ...labels, yScale: "log" }));
    const dots = (drawing: SVGElement) =>
      drawing.querySelectorAll("[aria-label=dot] path, [aria-label=dot] circle").length;
    expect(dots(linear)).toBe(5);
    expect(dots(log)).toBe(4);
    for (const text of ["IWAE →", "↑ variance", "<others> (3)"]) expect(linear.textContent).toContain(text);
  });

  test("draws a fixed choice where there are too many points", async () => {
    const many = Array.from({ length: 500 }, (_, i) => i);
    const draw = () =>
      scatter({ id: "s", title: "s", groups: [{ name: "a", x: many, y: many }], ...labels, limit: 50 });
    expect(draw()).toBe(draw());
  });
});

describe("lines", () => {
  test("draws a line and its points for every group, named, without what is no number", async () => {
    const groups = [
      { name: "ours", x: [2, 6, 10], y: [0.6, 0.9, Number.NaN] },
      { name: "published", x: [2, 4], y: [0.64, 0.85] },
    ];
    const drawing = await parseSvg(lines({ id: "l", title: "l", groups, xLabel: "k", yLabel: "AUROC" }));
    expect(drawing.querySelectorAll("[aria-label=dot] circle")).toHaveLength(4);
    expect(drawing.querySelectorAll("[aria-label=line] path")).toHaveLength(2);
    for (const text of ["k →", "↑ AUROC", "ours", "published"]) expect(drawing.textContent).toContain(text);
  });
});

describe("density map", () => {
  const grid = { columns: 3, rows: 2, x: [0, 2], y: [10, 20] } as const;

  test("has its points in the order of its cells", () => {
    expect([...gridPoints(grid)]).toEqual([0, 10, 1, 10, 2, 10, 0, 20, 1, 20, 2, 20]);
  });

  test("draws low values dark at the bottom left, with a scale of colours", async () => {
    const values = [0, 1, 2, 3, 4, 5];
    const drawing = await parseSvg(densityMap({ id: "d", title: "d", ...grid, values, valueLabel: "log p" }));
    const cells = [...drawing.querySelectorAll("[aria-label=rect] rect")];
    expect(cells).toHaveLength(6);
    const lightness = cells.map((cell) => {
      const parts = cell.getAttribute("fill")!.slice(1).match(/../g)!;
      return parts.reduce((sum, part) => sum + Number.parseInt(part, 16), 0);
    });
    expect(lightness[0]).toBeLessThan(lightness[5]!);
    expect(numbersIn(cells[0]!, "y")[0]).toBeGreaterThan(numbersIn(cells[5]!, "y")[0]!);
    expect(drawing.textContent).toContain("log p");
  });

  test("refuses values that do not fill the grid", () => {
    expect(() => densityMap({ id: "d", title: "d", ...grid, values: [1], valueLabel: "v" })).toThrow(
      "needs 6 values",
    );
  });
});

test("runs are compared in one figure, with a level", async () => {
  const history = [1, 2, 3].map((epoch) => ({ epoch, loss: 1 / epoch, metrics: { kl: epoch } }));
  const drawing = await parseSvg(
    comparedCurves({
      id: "c",
      title: "c",
      runs: [
        { name: "right", history },
        { name: "collapsed", history },
      ],
      metric: "kl",
      reference: { name: "mean image", value: 2 },
    }),
  );
  for (const name of ["right", "collapsed", "mean image"]) expect(drawing.textContent).toContain(name);
});

test("a figure becomes a PNG in its light colours", async () => {
  const { default: sharp } = await import("sharp");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10"><rect width="10" height="10" style="fill:var(--figure-normal, #2a6ea6)"/></svg>`;
  const { data, info } = await sharp(await svgToPng(svg, 3))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([30, 30]);
  expect([...data.subarray(0, 3)]).toEqual([0x2a, 0x6e, 0xa6]);
});
