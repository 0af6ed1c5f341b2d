import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { histogramRange, histogramRanges, histograms, likeliestBins } from "./histogram.js";

const values = fc
  .array(fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double({ noNaN: true, min: -1e6, max: 1e6 })), {
    minLength: 1,
    maxLength: 200,
  })
  .map((list) => Float64Array.from(list));

describe("histogram", () => {
  it("counts each value between the edges around it, the last edge too", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 30 }), (sample, bins) => {
        const range = histogramRange(sample);
        const { edges, counts } = histograms(sample, [bins], [range])[0]!;
        expect([edges[0], edges[bins]]).toEqual([...range]);
        counts.forEach((count, bin) => {
          const [low, high] = [edges[bin]!, edges[bin + 1]!];
          const inside = sample.filter((x) => x >= low && (x < high || (bin === bins - 1 && x === high)));
          expect(count).toBe(inside.length);
        });
      }),
    );
  });

  it("of several columns is that of each", () => {
    const rows = Float64Array.from({ length: 3 * 5000 }, (_, k) => Math.sin(k) * (1 + (k % 3)));
    const ranges = histogramRanges(rows, 3);
    const together = histograms(rows, [4, 9, 1], ranges);
    [4, 9, 1].forEach((bins, column) => {
      const values = rows.filter((_, k) => k % 3 === column);
      expect(histogramRange(values)).toEqual(ranges[column]);
      expect(together[column]).toEqual(histograms(values, [bins], [ranges[column]!])[0]);
    });
  });

  it("gives equal values a range around them", () => {
    expect(histogramRange(Float64Array.of(3, 3))).toEqual([2.5, 3.5]);
    const [low, high] = histogramRange(Float64Array.of(-1e300));
    expect(low).toBeLessThan(-1e300);
    expect(high).toBeGreaterThan(-1e300);
  });
});

describe("likeliestBins", () => {
  /** The criterion, written out. */
  const criterion = (sample: Float64Array, bins: number) => {
    const { counts } = histograms(sample, [bins], [histogramRange(sample)])[0]!;
    return counts.reduce(
      (total, c) => (c === 0 ? total : total + c * Math.log((bins * c) / sample.length)),
      -(bins - 1 + Math.log(bins) ** 2.5),
    );
  };

  it("finds the number of bins with the largest penalised likelihood", () => {
    fc.assert(
      fc.property(values, (sample) => {
        const best = likeliestBins(sample, histogramRange(sample));
        const limit = Math.max(2, Math.floor(Math.sqrt(sample.length)));
        expect(best).toBeLessThan(limit);
        for (let bins = 1; bins < limit; bins++) {
          expect(criterion(sample, best)).toBeGreaterThanOrEqual(criterion(sample, bins) - 1e-9);
        }
      }),
    );
  });

  it("takes few bins for uniform values and more for clusters", () => {
    const uniform = Float64Array.from({ length: 900 }, (_, i) => i / 900);
    const clusters = uniform.map((x) => (x < 0.5 ? x / 50 : 1 - x / 50));
    expect(likeliestBins(uniform, [0, 1])).toBeLessThan(3);
    expect(likeliestBins(clusters, [0, 1])).toBeGreaterThan(10);
  });
});
