import { randomStream } from "@surprisal/engine";
import { describe, expect, it } from "vitest";
import { clusterAgreement } from "./cluster-agreement.js";

describe("clusterAgreement", () => {
  it("is what the table of counts gives", () => {
    const found = clusterAgreement([0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1, 1]);
    expect(found.counts).toEqual([
      [2, 1],
      [0, 4],
    ]);
    expect(found.purity).toBeCloseTo(6 / 7, 12);
    expect(found.accuracy).toBeCloseTo(6 / 7, 12);
    const [p, q, joint] = [
      [3, 4],
      [2, 5],
      [2, 1, 4],
    ].map((counts) => counts.reduce((sum, n) => sum - (n / 7) * Math.log(n / 7), 0));
    expect(found.nmi).toBeCloseTo((p! + q! - joint!) / ((p! + q!) / 2), 12);
  });

  it("does not care for names, and one class in one cluster is all right", () => {
    const found = clusterAgreement([2, 2, 0, 1], [0, 0, 1, 2]);
    expect([found.purity, found.nmi, found.accuracy]).toEqual([1, 1, 1]);
    expect(clusterAgreement([0, 0], [0, 0])).toMatchObject({ purity: 1, nmi: 1, accuracy: 1 });
  });

  it("counts clusters beyond the classes as wrong in accuracy, not in purity", () => {
    const found = clusterAgreement([0, 1, 2, 3], [0, 0, 1, 1]);
    expect([found.purity, found.accuracy]).toEqual([1, 0.5]);
  });

  it("finds the best assignment of all", () => {
    const stream = randomStream(1, "assignment");
    const permutations = (items: number[]): number[][] =>
      items.length < 2
        ? [items]
        : items.flatMap((item) =>
            permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
          );
    for (let trial = 0; trial < 20; trial++) {
      const clusters = Array.from({ length: 60 }, () => stream.integer(5));
      const classes = Array.from(clusters, (cluster) =>
        stream.uniform() < 0.4 ? (cluster * 2) % 5 : stream.integer(5),
      );
      const { counts, accuracy } = clusterAgreement(clusters, classes);
      const best = Math.max(
        ...permutations([0, 1, 2, 3, 4]).map((to) =>
          counts.reduce((sum, row, i) => sum + (row[to[i]!] ?? 0), 0),
        ),
      );
      expect(accuracy).toBeCloseTo(best / 60, 12);
    }
  });

  it("refuses what does not fit", () => {
    expect(() => clusterAgreement([0], [0, 1])).toThrow("one of each a row");
    expect(() => clusterAgreement([0.5], [0])).toThrow("the cluster of row 0 is 0.5");
    expect(() => clusterAgreement([0], [-1])).toThrow("the class of row 0 is -1");
  });
});
