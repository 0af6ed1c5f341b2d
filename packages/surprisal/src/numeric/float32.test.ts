import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floorFloat32, nextFloat32, previousFloat32 } from "./float32.js";

const float32 = fc.float({ noNaN: true });

describe("nextFloat32 and previousFloat32", () => {
  it("step over zero, powers of two and the ends of the range", () => {
    expect(nextFloat32(0)).toBe(2 ** -149);
    expect(nextFloat32(-0)).toBe(2 ** -149);
    expect(previousFloat32(0)).toBe(-(2 ** -149));
    expect(nextFloat32(1)).toBe(1 + 2 ** -23);
    expect(previousFloat32(1)).toBe(1 - 2 ** -24);
    expect(nextFloat32(3.4028234663852886e38)).toBe(Number.POSITIVE_INFINITY);
    expect(nextFloat32(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(nextFloat32(Number.NEGATIVE_INFINITY)).toBe(-3.4028234663852886e38);
    expect(nextFloat32(Number.NaN)).toBeNaN();
  });

  it("are inverse to each other, with nothing between", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const next = nextFloat32(x);
        expect(next).toBeGreaterThan(x);
        expect(previousFloat32(next) === x).toBe(true);
        expect([x, next]).toContain(Math.fround((x + next) / 2));
      }),
    );
  });
});

describe("floorFloat32", () => {
  it("compares with every float32 as the float64 limit does", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), float32, (limit, x) => {
        const rounded = floorFloat32(limit);
        for (const y of [x, rounded, nextFloat32(rounded), previousFloat32(rounded)]) {
          expect(y > rounded).toBe(y > limit);
          expect(y <= rounded).toBe(y <= limit);
        }
      }),
    );
  });
});
