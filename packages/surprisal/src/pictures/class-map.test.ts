import { randomStream } from "@surprisal/engine";
import { describe, expect, test } from "vitest";
import { parseSvg } from "../testing/svg.js";
import { classMap } from "./class-map.js";
import { umapPlane } from "./umap.js";

/** Three groups far apart in eight dimensions. */
function groups(perGroup: number): { codes: Float32Array; classes: number[] } {
  const stream = randomStream(3, "groups");
  const classes = Array.from({ length: 3 * perGroup }, (_, row) => row % 3);
  return {
    codes: Float32Array.from(
      classes.flatMap((group) =>
        Array.from({ length: 8 }, (_, j) => stream.normal() + (j === group ? 12 : 0)),
      ),
    ),
    classes,
  };
}

describe("umapPlane", () => {
  test("keeps groups together, and is the same for the same seed", async () => {
    const { codes, classes } = groups(20);
    const { x, y } = await umapPlane(codes, 8, { seed: 1 });
    const again = await umapPlane(codes, 8, { seed: 1 });
    expect(again).toEqual({ x, y });
    expect((await umapPlane(codes, 8, { seed: 2 })).x).not.toEqual(x);
    const nearest = (row: number) => {
      const others = [...classes.keys()].filter((other) => other !== row);
      const distance = (other: number) => Math.hypot(x[other]! - x[row]!, y[other]! - y[row]!);
      return others.reduce((best, other) => (distance(other) < distance(best) ? other : best));
    };
    const right = classes.filter((group, row) => classes[nearest(row)] === group).length;
    expect(right).toBe(classes.length);
  });

  test("refuses what is no rows, and stops when aborted", async () => {
    await expect(umapPlane([1, 2, 3], 2, { seed: 1 })).rejects.toThrow("no 4 or more rows of 2");
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(umapPlane(groups(10).codes, 8, { seed: 1, signal })).rejects.toThrow("stop");
  });
});

describe("classMap", () => {
  test("draws each row in its frame, named and coloured by its class", async () => {
    const map = { x: [0, 1, 2], y: [5, 6, 5], classes: [0, 2, 0], names: ["zero", "one", "two"] };
    const drawing = await parseSvg(classMap({ id: "m", title: "m", ...map, width: 200, height: 100 }));
    const dots = [...drawing.querySelectorAll("circle")];
    expect(dots).toHaveLength(3);
    const at = (name: string) => Number(dots[0]!.getAttribute(name));
    expect(at("cx")).toBeGreaterThan(0);
    expect(at("cx")).toBeLessThan(200);
    expect(drawing.textContent).toContain("two");
    expect(drawing.textContent).not.toContain("one");
    // The highest row is the one of class two.
    const highest = dots.reduce((a, b) =>
      Number(a.getAttribute("cy")) < Number(b.getAttribute("cy")) ? a : b,
    );
    expect(highest.textContent).toBe("row 1: two");
    expect(() => classMap({ id: "m", title: "m", ...map, x: [1] })).toThrow("one of each a row");
  });
});
