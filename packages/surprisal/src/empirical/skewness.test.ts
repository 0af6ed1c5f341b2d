import { describe, expect, it } from "vitest";
import { skewnessSigns } from "./skewness.js";

describe("skewnessSigns", () => {
  it("tells right, left, symmetric and constant columns apart", () => {
    const columns = [
      [0, 0, 0, 0, 9],
      [0, 9, 9, 9, 9],
      [-2, -1, 0, 1, 2],
      [0.1, 0.1, 0.1, 0.1, 0.1],
    ];
    const rows = Float64Array.from({ length: 20 }, (_, i) => columns[i % 4]![Math.floor(i / 4)]!);
    expect([...skewnessSigns(rows, 4)]).toEqual([1, -1, 0, 0]);
  });
});
