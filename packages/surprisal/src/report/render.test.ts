import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SurprisalError } from "../errors.js";
import { summarize } from "../metrics/index.js";
import { formatMetric } from "../pictures/format.js";
import { sampleSection } from "../testing/report-sample.js";
import { pageScript } from "./page-script.js";
import { renderReport, writeReport } from "./render.js";
import type { ReportInput, ReportSection } from "./types.js";

const parse = async (input: ReportInput) => parseHTML(await renderReport(input)).document;
const tiles = (page: Document) =>
  Object.fromEntries(
    [...page.querySelectorAll(".tile")].map((tile) => [
      tile.querySelector("dt")?.textContent,
      tile.querySelector("dd")?.textContent,
    ]),
  );

describe("a report on one section", () => {
  test("shows the metrics that the metrics module gives", async () => {
    const section = sampleSection();
    const page = await parse({ title: "One", sections: [section] });
    const expected = summarize(section.labels, section.scores, section.threshold);
    expect(tiles(page)).toMatchObject({
      AUROC: formatMetric(expected.auroc),
      AP: formatMetric(expected.ap),
      "FPR@95": formatMetric(expected.fprAt95Tpr),
      Threshold: "4",
      Precision: formatMetric(expected.precision),
      Recall: formatMetric(expected.recall),
      F1: formatMetric(expected.f1),
      Time: "1.51 s",
    });
    const cell = (key: string) =>
      Number(page.querySelector(`[data-cell=${key}] [data-text=count]`)?.textContent);
    expect({
      trueNegatives: cell("tn"),
      falsePositives: cell("fp"),
      falseNegatives: cell("fn"),
      truePositives: cell("tp"),
    }).toEqual(expected.confusion);
  });

  test("has every figure and fact of its input", async () => {
    const page = await parse({
      title: "One",
      generatedAt: "3 May 2026",
      sections: [sampleSection()],
      environment: { node: "20" },
    });
    const figures = [...page.querySelectorAll("[data-figure]")].map((figure) =>
      figure.getAttribute("data-figure"),
    );
    expect(figures).toEqual([
      "histogram",
      "roc",
      "precision-recall",
      "confusion",
      "training",
      "training-metric",
      "p-values",
    ]);
    expect(page.querySelectorAll(".card")).toHaveLength(9);
    expect(page.querySelectorAll(".top tbody tr")).toHaveLength(3);
    expect(page.querySelectorAll(".bands image")).toHaveLength(6);
    const text = page.body.textContent ?? "";
    for (const fact of [
      "3 May 2026",
      "vae.onnx, 12.3 kB",
      "sha256:0123",
      "5 % false positives",
      "4 epochs",
      "latent",
    ]) {
      expect(text).toContain(fact);
    }
    expect(page.querySelector(".index")).toBeNull();
  });

  test("without labels has the histogram, the slider and the rows only", async () => {
    const { labels, pValues, training, images, rows, ...section } = sampleSection();
    const page = await parse({ title: "Unlabelled", sections: [section] });
    expect(Object.keys(tiles(page))).toEqual(["Threshold", "Flagged", "Time"]);
    const figures = [...page.querySelectorAll("[data-figure]")].map((figure) =>
      figure.getAttribute("data-figure"),
    );
    expect(figures).toEqual(["histogram"]);
    expect(page.querySelector("[data-action=best]")).toBeNull();
    const flagged = section.scores.filter((score) => score > section.threshold).length;
    expect(page.querySelector("[data-text=flagged]")?.textContent).toContain(`${flagged} of 400 rows`);
  });

  test("with one class alone has the confusion matrix but no curves", async () => {
    const section = { ...sampleSection(), labels: new Uint8Array(400) };
    const page = await parse({ title: "Normals", sections: [section] });
    expect(page.querySelector("[data-figure=confusion]")).not.toBeNull();
    expect(page.querySelector("[data-figure=roc]")).toBeNull();
    expect(tiles(page)).not.toHaveProperty("AUROC");
  });

  test("is the same, byte for byte, for the same input", async () => {
    const input = { title: "Twice", sections: [sampleSection()] };
    expect(await renderReport(input)).toBe(await renderReport(input));
  });
});

describe("a report on several sections", () => {
  const sections = [sampleSection("vae"), sampleSection("ecod"), sampleSection("vae", "valves")];

  test("compares them in a table by data set, best values in bold, and has an index", async () => {
    const page = await parse({ title: "Many", sections });
    const groups = [...page.querySelectorAll("#comparison .group")].map((group) => group.textContent);
    expect(groups).toEqual(["sensors", "valves"]);
    const links = [...page.querySelectorAll("#comparison tbody a, .index li li a")];
    expect(links).toHaveLength(6);
    for (const link of links) expect(page.getElementById(link.getAttribute("href")!.slice(1))).not.toBeNull();
    const [vae, ecod, alone] = [...page.querySelectorAll("#comparison tbody tr:not(.group)")];
    const bold = (line: Element | undefined) => line!.querySelectorAll("td:nth-child(2) strong").length;
    expect(bold(vae) + bold(ecod)).toBeGreaterThanOrEqual(1);
    expect(bold(alone)).toBe(0);
    expect(page.querySelectorAll("#comparison svg")).toHaveLength(2);
  });

  test("uses every id once", async () => {
    const page = await parse({ title: "Many", sections });
    const ids = [...page.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const figure of page.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
      const id = figure.getAttribute("aria-describedby") ?? figure.getAttribute("aria-labelledby");
      expect(ids).toContain(id);
    }
  });
});

describe("text from the input", () => {
  const hostile = `"><script>hacked()</script><img src=x onerror='hacked()'>`;

  test("is escaped wherever it stands", async () => {
    const base = sampleSection(hostile, hostile);
    const section: ReportSection = {
      ...base,
      description: hostile,
      options: { [hostile]: hostile, nested: { [hostile]: [hostile] } },
      file: { name: hostile, bytes: 1 },
      fingerprint: hostile,
      thresholdRule: hostile,
      featureNames: [hostile],
      training: { history: [{ epoch: 1, loss: 1, metrics: { [hostile]: 1 } }] },
      rows: base.rows!.map((row) => ({
        ...row,
        values: [{ name: hostile, value: hostile, contribution: 1 }],
      })),
    };
    const input = {
      title: hostile,
      generatedAt: hostile,
      sections: [section, section],
      environment: { [hostile]: hostile },
    };
    const text = await renderReport(input);
    expect(text).not.toContain("<script>hacked");
    expect(text).not.toContain("<img");
    const page = parseHTML(text).document;
    expect(page.querySelectorAll("script")).toHaveLength(3);
    expect(page.querySelector("h1")?.textContent).toBe(hostile);
  });
});

describe("bad input", () => {
  const fault = (change: Partial<ReportSection>) =>
    renderReport({ title: "Bad", sections: [{ ...sampleSection(), ...change }] });

  test("is refused by name", async () => {
    await expect(renderReport({ title: "None", sections: [] })).rejects.toThrow("at least one section");
    await expect(fault({ scores: new Float32Array(0) })).rejects.toThrow(
      `"vae" on "sensors": there are no scores`,
    );
    await expect(fault({ scores: new Float32Array(400).fill(Number.NaN, 7, 8) })).rejects.toThrow(
      "row 7 is NaN",
    );
    await expect(fault({ labels: new Uint8Array(3) })).rejects.toThrow("400 scores but 3 labels");
    await expect(fault({ pValues: new Float32Array(3) })).rejects.toThrow("400 scores but 3 pValues");
    await expect(fault({ labels: new Uint8Array(400).fill(2) })).rejects.toThrow("row 0 is 2");
    await expect(fault({ threshold: Number.NaN })).rejects.toThrow("the threshold is NaN");
    await expect(fault({ threshold: Number.NaN })).rejects.toBeInstanceOf(SurprisalError);
  });

  test("infinite scores and thresholds are drawn at the ends", async () => {
    const scores = new Float32Array(400).fill(Number.POSITIVE_INFINITY, 0, 2);
    const text = await renderReport({
      title: "Infinite",
      sections: [{ ...sampleSection(), scores, threshold: Number.POSITIVE_INFINITY }],
    });
    expect(text).not.toMatch(/<[^>]*="[^"]*NaN/);
    expect(text).toContain("0 of 400 rows flagged");
  });
});

describe("the page's script", () => {
  test("is one script without modules", async () => {
    const script = await pageScript();
    expect(() => new Function(script)).not.toThrow();
    expect(script).not.toMatch(/^(?:import|export)\b/m);
    expect(script).not.toContain("</script");
  });
});

describe("writing a report", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "report-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("leaves the report and nothing else", async () => {
    const input = { title: "Written", sections: [sampleSection()] };
    await writeReport(join(folder, "report.html"), input);
    expect(await readFile(join(folder, "report.html"), "utf8")).toBe(await renderReport(input));
    await expect(writeReport(join(folder, "report.html"), { title: "Bad", sections: [] })).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["report.html"]);
  });

  test("names the path where it cannot", async () => {
    const path = join(folder, "missing", "report.html");
    await expect(writeReport(path, { title: "Lost", sections: [sampleSection()] })).rejects.toThrow(path);
    await expect(writeReport(path, { title: "Lost", sections: [sampleSection()] })).rejects.toBeInstanceOf(
      SurprisalError,
    );
  });
});
