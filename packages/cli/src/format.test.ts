import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBytes, formatNumber, formatSeconds, plural, shortFloat32 } from "./format.js";

describe("numbers for people", () => {
  it("have few digits, and thousands apart", () => {
    expect([0.123456, 1234567, 12.5, -1000, Number.NaN].map((value) => formatNumber(value))).toEqual([
      "0.1235",
      "1,234,567",
      "12.5",
      "-1,000",
      "NaN",
    ]);
  });

  it("of bytes, seconds and things", () => {
    expect([999, 1000, 310_685, 2_624_413, 999_999].map(formatBytes)).toEqual([
      "999 B",
      "1.0 kB",
      "311 kB",
      "2.6 MB",
      "1.0 MB",
    ]);
    expect([0.034, 2.24, 59.4, 61, 7300].map(formatSeconds)).toEqual([
      "0.03 s",
      "2.2 s",
      "59 s",
      "1 min 1 s",
      "2 h 1 min",
    ]);
    expect([plural(1, "row"), plural(2000, "row"), plural(1, "category"), plural(3, "category")]).toEqual([
      "1 row",
      "2,000 rows",
      "1 category",
      "3 categories",
    ]);
  });
});

describe("shortFloat32", () => {
  it("is the same float32, keeps order, and is short", () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        (a, b) => {
          expect(Math.fround(shortFloat32(a)) === a).toBe(true);
          expect(shortFloat32(a) < shortFloat32(b)).toBe(a < b);
        },
      ),
      { seed: 1 },
    );
    expect(shortFloat32(Math.fround(0.1))).toBe(0.1);
    expect(shortFloat32(0.1)).toBe(0.1);
  });
});
