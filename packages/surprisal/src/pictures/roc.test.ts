import { describe, expect, test } from "vitest";
import { numbersIn, parseSvg } from "../testing/svg.js";
import { visiblePoints } from "./curve-path.js";
import { precisionRecallFigure } from "./precision-recall.js";
import { rocFigure } from "./roc.js";

const curve = { x: [0, 0, 0.5, 1], y: [0, 0.5, 1, 1] };

/** Points of a curve in the units of the figure's axes. */
function points(drawing: SVGElement, path: Element): number[][] {
  const [x0, x1, y0, y1] = ["x0", "x1", "y0", "y1"].map((name) => Number(drawing.dataset[name])) as [
    number,
    number,
    number,
    number,
  ];
  const values = path.getAttribute("d")!.match(/[MLHV][^MLHV]*/g)!;
  let last = [0, 0];
  return values.map((step) => {
    const [a, b] = step.slice(1).split(",").map(Number);
    if (step[0] === "H") last = [a!, last[1]!];
    else if (step[0] === "V") last = [last[0]!, a!];
    else last = [a!, b!];
    return [(last[0]! - x0) / (x1 - x0), (last[1]! - y0) / (y1 - y0)].map(
      (value) => Math.round(value * 1000) / 1000 + 0,
    );
  });
}

describe("ROC", () => {
  test("draws the curve through its points, with the diagonal and the operating point", async () => {
    const drawing = await parseSvg(
      rocFigure({ id: "r", title: "ROC", curves: [curve], point: { x: 0.25, y: 0.75 } }),
    );
    const [path] = drawing.querySelectorAll(".curve path");
    expect(points(drawing, path!)).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
    expect(points(drawing, drawing.querySelector(".reference path")!)).toEqual([
      [0, 0],
      [1, 1],
    ]);
    const { x0, x1, y0, y1 } = drawing.dataset;
    const [x, y] = numbersIn(drawing.querySelector("[data-role=point]"), "transform");
    expect(x).toBeCloseTo(Number(x0) + 0.25 * (Number(x1) - Number(x0)), 1);
    expect(y).toBeCloseTo(Number(y0) + 0.75 * (Number(y1) - Number(y0)), 1);
  });

  test("compares several curves by colour, dash and name", async () => {
    const curves = ["vae", "<ecod>", "forest"].map((name) => ({ ...curve, name }));
    const drawing = await parseSvg(rocFigure({ id: "r", title: "ROC", curves }));
    const drawn = [...drawing.querySelectorAll(".curve")];
    expect(new Set(drawn.map((line) => line.getAttribute("stroke"))).size).toBe(3);
    expect(new Set(drawn.map((line) => line.getAttribute("stroke-dasharray"))).size).toBe(3);
    const texts = [...drawing.querySelectorAll("text")].map((text) => text.textContent);
    expect(texts).toEqual(expect.arrayContaining(["vae", "<ecod>", "forest"]));
    expect(drawing.querySelector("[data-role=point]")).toBeNull();
  });
});

describe("precision and recall", () => {
  test("is drawn in steps, with chance at the prevalence", async () => {
    const drawing = await parseSvg(
      precisionRecallFigure({
        id: "p",
        title: "PR",
        curves: [{ x: [0, 0.5, 1], y: [1, 1, 0.5] }],
        prevalence: 0.25,
      }),
    );
    // Recall 0.5 to 1 is reached at precision 0.5: down first, then across.
    expect(points(drawing, drawing.querySelector(".curve path")!)).toContainEqual([0.5, 0.5]);
    expect(points(drawing, drawing.querySelector(".reference path")!)).toEqual([
      [0, 0.25],
      [1, 0.25],
    ]);
  });
});

test("points that no one can tell apart are left out, the last is kept", () => {
  const x = Array.from({ length: 10_001 }, (_, i) => i / 10_000);
  const kept = visiblePoints({ x, y: x }, 280, 280);
  expect(kept.length).toBeLessThan(600);
  expect(kept.at(-1)).toEqual([1, 1]);
  for (let i = 1; i < kept.length; i++) expect((kept[i]![0] - kept[i - 1]![0]) * 280).toBeLessThan(0.6);
});
