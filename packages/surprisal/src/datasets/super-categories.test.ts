import { describe, expect, it } from "vitest";
import { loadDataset } from "./dataset.js";
import { classScenarios, imageClasses, superCategories, superCategoryDatasets } from "./super-categories.js";

const labelsOf = (dataset: string): Record<string, number[]> =>
  Object.fromEntries(
    superCategories(dataset).map(({ name, classes }) => [name, classes.map(({ label }) => label)]),
  );

const hasMnist = process.env.SURPRISAL_DATA !== undefined && process.env.SURPRISAL_DATA !== "";

describe("super-categories", () => {
  it("are the published ones", () => {
    expect(labelsOf("mnist")).toEqual({ CUR: [0, 3, 8], STR: [1, 4, 7], MIX: [2, 5, 6, 9] });
    expect(labelsOf("cifar10")).toEqual({ THG: [0, 1, 8, 9], LIV: [2, 3, 4, 5, 6, 7] });
    expect(labelsOf("gtsrb")).toEqual({
      SPDL: [0, 1, 2, 3, 4, 5, 7, 8],
      INST: [9, 10, 15, 16],
      WARN: [11, ...Array.from({ length: 14 }, (_, i) => 18 + i)],
      DIRC: [33, 34, 35, 36, 37, 38, 39, 40],
      SPEC: [12, 13, 14, 17],
      REGN: [6, 32, 41, 42],
    });
    expect(superCategories("tiny-imagenet").map(({ name, classes }) => [name, classes.length])).toEqual(
      ["ANML", "ISCT", "ISTM", "STRT", "VHCL"].map((name) => [name, 8]),
    );
  });

  it.each(superCategoryDatasets)("share no class, and take all of %s but for tests", (dataset) => {
    const used = Object.values(labelsOf(dataset)).flat();
    expect(new Set(used).size).toBe(used.length);
    const all = imageClasses(dataset).map(({ label }) => label);
    if (dataset !== "fashion-mnist") expect([...used].sort()).toEqual([...all].sort());
    expect(new Set(imageClasses(dataset).map(({ name }) => name)).size).toBe(all.length);
  });

  it("number the classes of Tiny-ImageNet in the order of their WordNet ids", () => {
    const all = [...imageClasses("tiny-imagenet")].sort((a, b) => a.label - b.label);
    const ids = all.map(({ wordNetId }) => wordNetId!);
    expect(ids).toEqual([...ids].sort());
    expect(ids.every((id) => /^n\d{8}$/.test(id))).toBe(true);
    const named = (id: string) => all.find(({ wordNetId }) => wordNetId === id);
    expect(named("n02279972")).toMatchObject({ name: "monarch", label: 44 });
    expect(named("n04146614")).toMatchObject({ name: "school bus", label: 145 });
  });

  it("make scenarios of several classes, and of one", () => {
    const scenarios = classScenarios("cifar10");
    expect(scenarios.map(({ name }) => name)).toEqual([
      "THG",
      "LIV",
      ...["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"].map(
        (name) => `one-class-${name}`,
      ),
    ]);
    for (const { normal, anomalous } of scenarios) {
      expect([...normal, ...anomalous].map(({ label }) => label).sort()).toEqual([
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
      ]);
    }
    expect(classScenarios("mnist").at(-1)).toMatchObject({ name: "one-class-9", normal: [{ label: 9 }] });
  });

  it("are of the known data sets only", () => {
    expect(() => superCategories("cifar-10")).toThrow('Did you mean "cifar10"?');
  });

  it.runIf(hasMnist)("have the published numbers of digits", async () => {
    const mnist = await loadDataset("mnist");
    if (mnist.kind !== "image") throw new TypeError("mnist holds no images");
    const count = (y: Uint8Array, labels: readonly number[]) =>
      y.filter((label) => labels.includes(label)).length;
    const counts = Object.entries(labelsOf("mnist")).map(([name, labels]) => [
      name,
      count(mnist.y, labels),
      count(mnist.test!.y, labels),
    ]);
    expect(counts).toEqual([
      ["CUR", 17905, 2964],
      ["STR", 18849, 3145],
      ["MIX", 23246, 3891],
    ]);
  });
});
