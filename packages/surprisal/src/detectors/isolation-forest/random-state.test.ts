import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { randomState, sampleWithoutReplacement } from "./random-state.js";

const url = new URL("../../../src/detectors/isolation-forest/fixtures/scikit-learn.json", import.meta.url);
const { integers, samples } = JSON.parse(readFileSync(url, "utf8")) as {
  integers: { seed: number; bound: number; values: number[] }[];
  samples: { population: number; count: number; values: number[] }[];
};

describe("randomState", () => {
  it.each(integers)("draws numpy's integers below $bound, seed $seed", ({ seed, bound, values }) => {
    const state = randomState(seed);
    const drawn = Array.from({ length: 1500 }, () => state.integer(bound));
    expect(drawn.filter((_, i) => i % 100 === 0)).toEqual(values);
  });

  it("draws nothing where there is one integer only", () => {
    const state = randomState(3);
    expect(state.integer(1)).toBe(0);
    expect(state.integer(1 << 30)).toBe(randomState(3).integer(1 << 30));
  });
});

describe("sampleWithoutReplacement", () => {
  it.each(samples)("gives scikit-learn's $count of $population", ({ population, count, values }) => {
    const chosen = sampleWithoutReplacement(population, count, randomState(7));
    expect([...chosen].sort((a, b) => a - b)).toEqual(values);
  });
});
