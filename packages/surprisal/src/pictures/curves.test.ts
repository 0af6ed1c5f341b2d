import { describe, expect, test } from "vitest";
import { numbersIn, parseSvg } from "../testing/svg.js";
import { metricCurve, metricNames, trainingCurves } from "./curves.js";

const history = [
  { epoch: 1, loss: 10, validationLoss: 12, metrics: { kl: 1 } },
  { epoch: 2, loss: 6, validationLoss: 9, metrics: { kl: 2, "<b>": 3 } },
  { epoch: 3, loss: 4, validationLoss: 8 },
];
const dots = (drawing: SVGElement) =>
  [...drawing.querySelectorAll("circle")].map((dot) => numbersIn(dot, "cx").concat(numbersIn(dot, "cy")));

describe("training curves", () => {
  test("draw loss and validation loss over epochs in equal steps", async () => {
    const drawing = await parseSvg(
      trainingCurves({ id: "t", title: "Loss", history, width: 474, height: 250 }),
    );
    const points = dots(drawing);
    expect(points).toHaveLength(6);
    // 400 pixels of axis from x = 58 over epochs 1 to 3.
    expect(points.slice(0, 3).map(([x]) => x)).toEqual([58, 258, 458]);
    const [first, second, third] = points.map(([, y]) => y!);
    expect((second! - first!) / (third! - second!)).toBeCloseTo(2, 1);
    expect(drawing.textContent).toContain("validation loss");
  });

  test("leave out what was not measured or is not finite", async () => {
    const losses = [
      { epoch: 1, loss: 5 },
      { epoch: 2, loss: Number.NaN },
      { epoch: 3, loss: 4 },
    ];
    const drawing = await parseSvg(trainingCurves({ id: "t", title: "Loss", history: losses }));
    expect(dots(drawing)).toHaveLength(2);
    expect(drawing.textContent).not.toContain("validation");
  });

  test("use a logarithmic axis, and say so, when the loss falls a hundredfold", async () => {
    const losses = [100, 10, 1].map((loss, i) => ({ epoch: i + 1, loss }));
    const drawing = await parseSvg(trainingCurves({ id: "t", title: "Loss", history: losses }));
    const [first, second, third] = dots(drawing).map(([, y]) => y!);
    expect(second! - first!).toBeCloseTo(third! - second!, 0);
    expect(drawing.textContent).toContain("log scale");
  });

  test("draw a single epoch and further metrics by name", async () => {
    const single = await parseSvg(trainingCurves({ id: "t", title: "Loss", history: history.slice(0, 1) }));
    expect(dots(single)).toHaveLength(2);
    expect(metricNames(history)).toEqual(["kl", "<b>"]);
    const drawing = await parseSvg(metricCurve({ id: "m", title: "kl", history, metric: "kl" }));
    expect(dots(drawing)).toHaveLength(2);
  });
});
