import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeTestFolder, type TestFolder } from "../data/folder.test.helper.js";
import { listDatasets, loadDataset } from "./dataset.js";
import { samplesFolder } from "./locate.js";
import { labelsOfWindows } from "./windows.js";

let folder: TestFolder;
beforeEach(async () => {
  folder = await makeTestFolder();
  vi.stubEnv("SURPRISAL_DATA", "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder.remove();
});

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe("bundled data sets", () => {
  it("loads thyroid", async () => {
    const data = await loadDataset("thyroid");
    if (data.kind !== "table") throw new Error("not a table");
    expect(data.origin).toBe("samples");
    expect(data.table.rowCount).toBe(3772);
    expect(data.table.columns.map(({ name, kind }) => `${name}:${kind}`)).toEqual(
      ["age", "TSH", "T3", "TT4", "T4U", "FTI"].map((name) => `${name}:numeric`),
    );
    expect(sum(data.y!)).toBe(93);
    for (const { values } of data.table.columns) {
      expect(Math.min(...(values as Float64Array))).toBe(0);
      expect(Math.max(...(values as Float64Array))).toBe(1);
    }
  });

  it("loads cardio", async () => {
    const data = await loadDataset("Cardio");
    if (data.kind !== "table") throw new Error("not a table");
    expect([data.table.rowCount, data.table.columns.length, sum(data.y!)]).toEqual([1831, 21, 176]);
    expect(data.table.columns.every(({ kind }) => kind === "numeric")).toBe(true);
  });

  it("loads the Fashion-MNIST sample", async () => {
    const data = await loadDataset("fashion_mnist_sample");
    if (data.kind !== "image") throw new Error("no images");
    expect(data.X.shape).toEqual([2000, 28, 28, 1]);
    expect(data.test!.X.shape).toEqual([500, 28, 28, 1]);
    // The labels with which the original training and test files begin.
    expect([...data.y.slice(0, 10)]).toEqual([9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
    expect([...data.test!.y.slice(0, 10)]).toEqual([9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
    expect(new Set(data.y).size).toBe(10);
    expect(data.licence).toBe("MIT");
  });

  it("has a licence text for every bundled set", async () => {
    expect((await readdir(join(samplesFolder, "LICENSES"))).sort()).toEqual([
      "ADBench-LICENSE.txt",
      "fashion-mnist-LICENSE.txt",
    ]);
    expect(await readFile(join(samplesFolder, "README.md"), "utf8")).toMatch(/CC BY 4\.0/);
  });
});

describe("registry", () => {
  it("names every set once, with what a user must know of it", () => {
    const all = listDatasets();
    const names = all.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.startsWith("adbench/"))).toHaveLength(20);
    for (const { licence, citation, title, files, bundled } of all) {
      expect(Math.min(licence.length, citation.length, title.length)).toBeGreaterThan(2);
      expect(files.length > 0).toBe(!bundled);
      for (const { sha256, urls } of files) {
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        for (const url of urls) expect(() => new URL(url)).not.toThrow();
      }
    }
  });

  it("names the nearest for an unknown name", async () => {
    await expect(loadDataset("fasion-mnist")).rejects.toThrow(
      /no data set "fasion-mnist".*Did you mean "fashion-mnist"/,
    );
    await expect(loadDataset("qqqqqqqqq")).rejects.toThrow(/Known: thyroid/);
  });
});

describe("where files are looked for", () => {
  const options = (): { cacheFolder: string; download: false } => ({
    cacheFolder: join(folder.path, "cache"),
    download: false,
  });

  it("says what to do when a file is nowhere", async () => {
    await expect(loadDataset("adbench/wbc", options())).rejects.toThrow(
      /not on this machine and downloads are off.*https:.*42_WBC\.npz.*SURPRISAL_DATA.*"tabular\/adbench\/42_WBC\.npz"/,
    );
    await expect(loadDataset("cifar10", { cacheFolder: folder.path })).rejects.toThrow(
      /no known download address.*SURPRISAL_DATA/,
    );
    expect(await folder.names()).toEqual([]);
  });

  it("refuses another file in its place unless told not to look", async () => {
    await mkdir(join(folder.path, "tabular", "adbench"), { recursive: true });
    const path = join(folder.path, "tabular", "adbench", "42_WBC.npz");
    const { encodeNpz } = await import("../data/npz.js");
    const arrays = {
      X: { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2] },
      y: { data: Uint8Array.of(0, 1), shape: [2] },
    };
    await writeFile(path, encodeNpz(arrays));
    for (const settings of [
      { ...options(), folder: folder.path },
      { ...options(), cacheFolder: folder.path },
    ]) {
      await expect(loadDataset("adbench/wbc", settings)).rejects.toThrow(
        /42_WBC\.npz" is not the expected file.*SHA-256/,
      );
      const data = await loadDataset("adbench/WBC", { ...settings, verify: false });
      expect(data).toMatchObject({ kind: "table", y: Uint8Array.of(0, 1), table: { rowCount: 2 } });
    }
    vi.stubEnv("SURPRISAL_DATA", folder.path);
    expect((await loadDataset("adbench/wbc", { ...options(), verify: false })).origin).toBe("SURPRISAL_DATA");
    await expect(loadDataset("adbench/wbc", options())).rejects.toThrow(/not the expected file/);
  });

  it("stops when aborted", async () => {
    await expect(loadDataset("thyroid", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

describe("labelsOfWindows", () => {
  it("marks the time stamps within a window, ends included", async () => {
    const path = await folder.file(
      "windows.json",
      '{"a.csv": [["1970-01-01 00:00:10.000000", "1970-01-01 00:00:20.000000"]], "b.csv": []}',
    );
    const times = Float64Array.of(9, 10, 15, 20, 21);
    const table = { columns: [{ name: "timestamp", kind: "numeric" as const, values: times }], rowCount: 5 };
    expect([...(await labelsOfWindows(table, path, "a.csv"))]).toEqual([0, 1, 1, 1, 0]);
    expect([...(await labelsOfWindows(table, path, "b.csv"))]).toEqual([0, 0, 0, 0, 0]);
    await expect(labelsOfWindows(table, path, "c.csv")).rejects.toThrow(/no windows for "c\.csv"/);
  });
});
