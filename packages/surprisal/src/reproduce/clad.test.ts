import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { clad } from "./clad.js";
import { cladScenarioNames } from "./clad-data.js";
import { publishedAuroc, publishedMethods } from "./published-clad.js";
import { runStudy } from "./run-study.js";

describe("clad", () => {
  it("goes from data to report on the bundled sample", async () => {
    const out = await mkdtemp(join(tmpdir(), "clad-"));
    try {
      const { results, table, files } = await runStudy(clad, { out, scale: "tiny" });
      const [scenario] = Object.values(results.scenarios as Record<string, ScenarioResults>);
      expect(scenario).toMatchObject({ train: 180, testNormal: 60, testAnomalous: 140 });
      const { methods, clusters } = scenario!;
      for (const method of [...publishedMethods, "clad-base", "oc-svm-codes", "isolation-forest", "kde"]) {
        expect(methods[method]!.auroc, method).toBeGreaterThanOrEqual(0);
        expect(methods[method]!.auroc, method).toBeLessThanOrEqual(1);
      }
      expect(clusters.counts.flat().reduce((a, b) => a + b, 0)).toBe(180);
      expect(results.sweeps).toMatchObject([{ option: "clusters", points: [{ value: 2 }, { value: 4 }] }]);
      expect(table.rows).toHaveLength(Object.keys(methods).length);
      const report = await readFile(files.report, "utf8");
      for (const title of ["Clusters", "Confidence", "Training"]) expect(report).toContain(`>${title}<`);
      const again = await runStudy(clad, { out, scale: "tiny", skipTraining: true });
      expect(again.results.scenarios).toEqual(results.scenarios);
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  }, 300_000);

  it("has the published means of its tables", () => {
    const mean = (scenarios: readonly string[], method: string) =>
      scenarios.reduce((sum, name) => sum + publishedAuroc(name, method)!, 0) / scenarios.length;
    const single = (dataset: string) => cladScenarioNames(dataset).filter((name) => /^one-class-/.test(name));
    expect(mean(["CUR", "STR", "MIX"], "clad")).toBeCloseTo(0.942, 3);
    expect(mean(["CUR", "STR", "MIX"], "deep-svdd")).toBeCloseTo(0.779, 3);
    expect(mean(["THG", "LIV"], "oc-nn")).toBeCloseTo(0.629, 2);
    expect(mean(["SPDL", "INST", "WARN", "DIRC", "SPEC", "REGN"], "clad")).toBeCloseTo(0.678, 2);
    expect(mean(["ANML", "ISCT", "ISTM", "STRT", "VHCL"], "oc-cnn")).toBeCloseTo(0.588, 2);
    const means: Record<string, readonly number[]> = {
      mnist: [0.901, 0.923, 0.813, 0.913, 0.948, 0.91],
      cifar10: [0.607, 0.612, 0.618, 0.648, 0.648, 0.669],
    };
    for (const [dataset, expected] of Object.entries(means)) {
      expect(single(dataset)).toHaveLength(10);
      publishedMethods.forEach((method, i) => {
        expect(mean(single(dataset), method), method).toBeCloseTo(expected[i]!, 2);
      });
    }
    expect(publishedAuroc("CUR", "kde")).toBeUndefined();
  });
});

interface ScenarioResults {
  readonly methods: Readonly<Record<string, { readonly auroc: number }>>;
  readonly clusters: { readonly counts: readonly (readonly number[])[] };
}
