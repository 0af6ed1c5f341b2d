import { expect, test } from "vitest";
import { numbersIn, parseSvg } from "../testing/svg.js";
import { pValueHistogram } from "./p-values.js";

test("p-values are counted in equal bins, the ends included", async () => {
  const pValues = [0, 0.04, 0.05, 0.5, 1];
  const drawing = await parseSvg(pValueHistogram({ id: "p", title: "p", pValues }));
  const bars = [...drawing.querySelectorAll("rect")].filter((rect) => rect.querySelector("title"));
  expect(bars).toHaveLength(20);
  const heights = bars.map((bar) => numbersIn(bar, "height")[0]!);
  expect(heights.filter((height) => height > 0)).toHaveLength(4);
  expect(heights[0]! / heights[1]!).toBeCloseTo(2, 1);
  expect(heights[19]).toBeCloseTo(heights[10]!, 1);
  expect(drawing.textContent).toContain("uniform");
});
