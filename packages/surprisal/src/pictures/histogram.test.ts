import { describe, expect, test } from "vitest";
import { numbersIn, parseSvg } from "../testing/svg.js";
import { binScores, scoreHistogram } from "./histogram.js";
import type { ScoreAxis } from "./score-axis.js";

const axis: ScoreAxis = { kind: "linear", center: 0, scale: 1, low: 0, high: 10 };
const figure = { id: "h", title: "Scores", axis, bins: 10, width: 558, height: 300 };
const bars = (drawing: SVGElement) =>
  [...drawing.querySelectorAll("rect")].filter((rect) => rect.querySelector("title"));

describe("the score histogram", () => {
  test("counts each score in its bin, what lies outside in the end bins", () => {
    const counts = binScores([-5, 0, 0.5, 1, 9.99, 10, Number.POSITIVE_INFINITY], axis, 10);
    expect([...counts]).toEqual([3, 1, 0, 0, 0, 0, 0, 0, 0, 3]);
  });

  test("has one bar for each bin that is not empty, of the right height and place", async () => {
    const scores = [0.5, 0.5, 0.5, 4.5];
    const drawing = await parseSvg(scoreHistogram({ ...figure, scores }));
    const [first, second] = bars(drawing);
    expect(bars(drawing)).toHaveLength(2);
    // 500 pixels of axis from x = 44, ten bins of 50 with half a pixel left free at both sides.
    expect(numbersIn(first!, "x")).toEqual([44.5]);
    expect(numbersIn(second!, "x")).toEqual([244.5]);
    const [tall, low] = [first, second].map((bar) => numbersIn(bar!, "height")[0]!);
    expect(tall! / low!).toBeCloseTo(3, 1);
    expect(first?.textContent).toBe("0 to 1: 3 all rows (75.0 %)");
  });

  test("draws normal rows upward and anomalies downward, each as a share of its class", async () => {
    const scores = [1.5, 1.5, 2.5, 8.5, 8.5, 8.5];
    const drawing = await parseSvg(scoreHistogram({ ...figure, scores, labels: [0, 0, 0, 1, 1, 1] }));
    const [common, rare, anomalies] = bars(drawing).map((bar) => ({
      y: numbersIn(bar, "y")[0]!,
      height: numbersIn(bar, "height")[0]!,
    }));
    const zero = common!.y + common!.height;
    expect(rare!.y + rare!.height).toBeCloseTo(zero, 1);
    expect(anomalies!.y).toBeCloseTo(zero, 1);
    expect(anomalies!.height / common!.height).toBeCloseTo(1.5, 1);
    expect(drawing.textContent).toContain("normal ↑ (3)");
    expect(drawing.textContent).toContain("anomaly ↓ (3)");
  });

  test("puts the threshold line and the flagged area at the threshold", async () => {
    const drawing = await parseSvg(scoreHistogram({ ...figure, scores: [1, 2, 9], threshold: 7 }));
    const line = drawing.querySelector("[data-role=threshold]");
    expect(numbersIn(line, "transform")).toEqual([44 + 350, 0]);
    expect(line?.textContent).toBe("threshold 7");
    expect(numbersIn(drawing.querySelector("[data-role=flagged]"), "width")).toEqual([150]);
    expect(drawing.dataset).toMatchObject({ left: "44", right: "544" });
  });

  test("has no line without a threshold, and draws one class alone", async () => {
    const drawing = await parseSvg(scoreHistogram({ ...figure, scores: [3, 4], labels: [1, 1] }));
    expect(drawing.querySelector("[data-role=threshold]")).toBeNull();
    expect(bars(drawing)).toHaveLength(2);
  });
});
