import { describe, expect, test } from "vitest";
import { numbersIn, parseSvg } from "../testing/svg.js";
import { contributionBars } from "./contributions.js";

const bars = (drawing: SVGElement) =>
  [...drawing.querySelectorAll("[data-role=bar]")].map((bar) => ({
    x: numbersIn(bar, "x")[0]!,
    width: numbersIn(bar, "width")[0]!,
  }));
const value = (name: string, contribution: number) => ({ name, value: "1", contribution });

describe("contribution bars", () => {
  test("are sorted, proportional, and start at zero", async () => {
    const values = [value("small", 1), value("large", 4), value("middle", 2)];
    const drawing = await parseSvg(contributionBars({ id: "c", title: "c", values }));
    const [large, middle, small] = bars(drawing);
    expect(large!.width / middle!.width).toBeCloseTo(2, 1);
    expect(large!.width / small!.width).toBeCloseTo(4, 1);
    expect(new Set([large!.x, middle!.x, small!.x]).size).toBe(1);
  });

  test("point left where negative, on the same scale", async () => {
    const drawing = await parseSvg(
      contributionBars({ id: "c", title: "c", values: [value("up", 3), value("down", -1)] }),
    );
    const [up, down] = bars(drawing);
    expect(down!.x + down!.width).toBeCloseTo(up!.x, 1);
    expect(up!.width / down!.width).toBeCloseTo(3, 1);
    expect(drawing.textContent).toContain("−1");
  });

  test("count what is not drawn", async () => {
    const values = Array.from({ length: 12 }, (_, i) => value(`f${i}`, i + 1));
    const drawing = await parseSvg(contributionBars({ id: "c", title: "c", values, limit: 10 }));
    expect(bars(drawing)).toHaveLength(10);
    expect(drawing.textContent).toContain("2 more features, together 3");
  });

  test("are drawn for zeros and for hostile names", async () => {
    const values = [{ name: "<script>alert(1)</script>", value: '"&', contribution: 0 }];
    const drawing = await parseSvg(contributionBars({ id: "c", title: "c", values }));
    expect(bars(drawing)).toEqual([expect.objectContaining({ width: 0 })]);
    expect(drawing.querySelector("script")).toBeNull();
    expect(drawing.querySelector("title")?.textContent).toBe('<script>alert(1)</script> = "&: 0');
  });
});
