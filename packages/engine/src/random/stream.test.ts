import { describe, expect, it } from "vitest";
import { randomStream } from "./index.js";

/** Largest distance between the empirical distribution of `samples` and `cdf` (Kolmogorov-Smirnov). */
function ksDistance(samples: Float64Array, cdf: (x: number) => number): number {
  const sorted = samples.slice().sort();
  const n = sorted.length;
  return sorted.reduce((worst, x, i) => {
    const p = cdf(x);
    return Math.max(worst, p - i / n, (i + 1) / n - p);
  }, 0);
}

/** The normal distribution function through the series of erf, exact to 1e-15 for |x| < 6. */
function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && k < 300; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

const draw = (n: number, sample: () => number) => Float64Array.from({ length: n }, sample);
const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;

describe("the generator", () => {
  it("gives the pinned numbers", () => {
    const stream = randomStream(1, "a");
    expect([stream.uint32(), stream.uint32(), stream.uint32()]).toEqual([1169699822, 555183345, 4119736514]);
    expect(stream.uniform()).toBe(0.9416957824303019);
    expect(stream.normal()).toBeCloseTo(-0.08962057601909303, 12);
  });

  it("is xoshiro128**: the first words from state 1, 2, 3, 4", () => {
    const stream = randomStream(0, "");
    stream.restore([1, 2, 3, 4]);
    // rotl(s1 * 5, 7) * 9, worked out by hand for the first three states.
    expect([stream.uint32(), stream.uint32(), stream.uint32()]).toEqual([11520, 0, 5927040]);
  });

  it("differs by name and by seed, also beyond 32 bits", () => {
    const first = (seed: number, name: string) => randomStream(seed, name).uint32();
    const all = [
      first(1, "a"),
      first(1, "b"),
      first(2, "a"),
      first(2 ** 32 + 1, "a"),
      first(-1, "a"),
      first(1, "a\0"),
      first(1, ""),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("refuses a seed that is not a safe integer", () => {
    expect(() => randomStream(0.5, "a")).toThrow(/safe integer/);
    expect(() => randomStream(Number.NaN, "a")).toThrow(RangeError);
  });
});

describe("distributions", () => {
  const n = 200_000;
  // Rejected one time in 10^6 when the distribution is right.
  const critical = 2.66 / Math.sqrt(n);

  it("uniform numbers are uniform", () => {
    const stream = randomStream(3, "uniform");
    expect(ksDistance(draw(n, stream.uniform), (x) => x)).toBeLessThan(critical);
    const filled = new Float32Array(n);
    stream.fillUniform(filled);
    expect(ksDistance(Float64Array.from(filled), (x) => x)).toBeLessThan(critical);
    expect(filled.every((x) => x >= 0 && x < 1)).toBe(true);
  });

  it("normal numbers are normal: distribution and four moments", () => {
    const samples = new Float64Array(n);
    randomStream(4, "normal").fillNormal(samples);
    expect(ksDistance(samples, normalCdf)).toBeLessThan(critical);
    const moment = (k: number) => mean(samples.map((x) => x ** k));
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  });

  it("the tail beyond the last strip has the right weight", () => {
    const stream = randomStream(5, "tail");
    const samples = new Float32Array(1 << 16);
    let beyond = 0;
    for (let block = 0; block < 64; block++) {
      stream.fillNormal(samples);
      for (const x of samples) if (Math.abs(x) > 3.7) beyond++;
    }
    const expected = 64 * samples.length * 2 * (1 - normalCdf(3.7));
    expect(Math.abs(beyond - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });

  it("fillNormal gives what normal gives", () => {
    const filled = new Float64Array(10_000);
    const stream = randomStream(6, "same");
    stream.fillNormal(filled);
    const single = randomStream(6, "same");
    expect(filled).toEqual(draw(filled.length, single.normal));
    expect(single.state()).toEqual(stream.state());
  });

  it("streams of two names are uncorrelated", () => {
    const a = draw(n, randomStream(7, "noise/a").normal);
    const b = draw(n, randomStream(7, "noise/b").normal);
    expect(Math.abs(mean(a.map((x, i) => x * b[i]!)))).toBeLessThan(5 / Math.sqrt(n));
  });

  it("integers are unbiased and in range", () => {
    const stream = randomStream(8, "integer");
    const counts = new Float64Array(10);
    for (let i = 0; i < 100_000; i++) counts[stream.integer(10)]! += 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // 99.9999 % point of chi-square with 9 degrees of freedom.
    expect(chiSquare).toBeLessThan(46);
    expect(stream.integer(1)).toBe(0);
    expect(stream.integer(2 ** 32)).toBeLessThan(2 ** 32);
    expect(() => stream.integer(0)).toThrow(RangeError);
  });
});

describe("permutation and choice", () => {
  it("a permutation holds every index once and moves them", () => {
    const order = randomStream(9, "order").permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(order.filter((item, place) => item === place).length).toBeLessThan(12);
  });

  it("every order of three is equally frequent", () => {
    const stream = randomStream(10, "orders");
    const counts = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const key = stream.permutation(3).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // 99.9999 % point of chi-square with 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(36);
  });

  it("chooses distinct or repeated items", () => {
    const stream = randomStream(11, "choice");
    const distinct = stream.choice(50, 20);
    expect(new Set(distinct).size).toBe(20);
    expect(distinct.every((item) => item < 50)).toBe(true);
    expect(stream.choice(3, 100, { replace: true })).toHaveLength(100);
    expect(() => stream.choice(3, 4)).toThrow(/4 distinct items of 3/);
  });
});

describe("state", () => {
  it("continues where it was saved", () => {
    const stream = randomStream(12, "state");
    stream.fillNormal(new Float32Array(101));
    const saved = JSON.parse(JSON.stringify(stream.state()));
    const after = draw(50, stream.normal);
    const other = randomStream(99, "other");
    other.restore(saved);
    expect(draw(50, other.normal)).toEqual(after);
  });

  it("refuses what is not a state", () => {
    const stream = randomStream(1, "a");
    for (const bad of [
      [1, 2, 3],
      [0, 0, 0, 0],
      [1, 2, 3, -4],
      [1, 2, 3, 0.5],
    ]) {
      expect(() => stream.restore(bad)).toThrow(RangeError);
    }
  });
});
