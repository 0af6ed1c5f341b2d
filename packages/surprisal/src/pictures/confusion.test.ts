import { expect, test } from "vitest";
import { parseSvg } from "../testing/svg.js";
import { confusionFigure } from "./confusion.js";

test("the confusion matrix has four cells with counts, shares of their class and a shade by share", async () => {
  const counts = { truePositives: 30, falseNegatives: 10, falsePositives: 100, trueNegatives: 900 };
  const drawing = await parseSvg(confusionFigure({ id: "c", title: "Confusion", counts }));
  const cells = ["tn", "fp", "fn", "tp"].map((key) => drawing.querySelector(`[data-cell=${key}]`)!);
  const text = (name: string) => cells.map((cell) => cell.querySelector(`[data-text=${name}]`)?.textContent);
  expect(text("count")).toEqual(["900", "100", "10", "30"]);
  expect(text("share")).toEqual(["90.0 %", "10.0 %", "25.0 %", "75.0 %"]);
  const shades = cells.map((cell) => Number(cell.querySelector("rect")?.getAttribute("fill-opacity")));
  expect(shades[0]).toBeGreaterThan(shades[1]!);
  expect(shades[3]).toBeGreaterThan(shades[2]!);
});

test("a class without rows has no shares", async () => {
  const counts = { truePositives: 0, falseNegatives: 0, falsePositives: 1, trueNegatives: 1 };
  const drawing = await parseSvg(confusionFigure({ id: "c", title: "Confusion", counts }));
  expect(drawing.querySelector("[data-cell=tp] [data-text=share]")?.textContent).toBe("–");
});
