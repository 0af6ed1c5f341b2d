import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vae } from "../detectors/vae/index.js";
import { contractRows } from "../testing/contract-rows.js";
import { runStudy } from "./run-study.js";
import type { Study } from "./study.js";

const rows = contractRows(400, "study");

/** Two small VAEs, the first of which takes long enough to be stopped. */
function smallStudy(options: { epochs?: number; latent?: number } = {}): Study {
  const { epochs = 40, latent = 2 } = options;
  return {
    name: "small",
    title: "A small study",
    summary: "Two models on few rows.",
    trains: ["rows", "columns"],
    seeds: { tiny: 2, quick: 2, full: 3 },
    prepare: async ({ seeds, train }) => ({
      models: Array.from({ length: seeds }, (_, i) => ({
        name: `vae-${i + 1}`,
        kind: "vae",
        detector: vae({ seed: i + 1, epochs, latent }),
        samples: rows,
        source: train,
      })),
      evaluationSeconds: 1,
      evaluate: async (models, { onProgress }) => {
        const scores = await Promise.all([...models.values()].map((model) => model.score(rows.slice(0, 20))));
        onProgress(1, "scored");
        const means = scores.map(({ scores: values }) => values.reduce((a, b) => a + b, 0) / values.length);
        return {
          results: { means },
          table: {
            columns: ["model", "mean, nats"],
            rows: [...models.keys()].map((name, i) => [name, means[i]!]),
          },
          chapters: [{ title: "Means", text: ["Two models."] }],
        };
      },
    }),
  };
}

let out = "";
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "study-"));
});
afterEach(() => rm(out, { recursive: true, force: true }));

describe("runStudy", () => {
  it("trains, evaluates and writes report, table and results; models are reused", async () => {
    const fractions: number[] = [];
    const estimates: number[] = [];
    const first = await runStudy(smallStudy(), {
      out,
      scale: "tiny",
      onProgress: ({ fraction }) => fractions.push(fraction),
      onEstimate: ({ seconds, models }) => estimates.push(seconds, models),
    });
    expect(estimates[0]).toBeGreaterThan(0);
    expect(estimates[1]).toBe(2);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions.every((value, i) => value >= (fractions[i - 1] ?? 0))).toBe(true);
    expect((await readdir(out)).sort()).toEqual(["models", "report.html", "results.json", "table.csv"]);
    expect((await readdir(join(out, "models"))).sort()).toEqual(["vae-1.onnx", "vae-2.onnx"]);
    expect(JSON.parse(await readFile(first.files.results, "utf8"))).toEqual(first.results);
    expect(first.results).toMatchObject({ study: "small", scale: "tiny", train: "rows", seeds: 2 });
    const [head, row] = (await readFile(first.files.table, "utf8")).split("\n");
    expect(head).toBe('model,"mean, nats"');
    expect(row).toBe(`vae-1,${(first.results.means as number[])[0]}`);
    expect(await readFile(first.files.report, "utf8")).toContain("A small study");

    const again = await runStudy(smallStudy(), { out, scale: "tiny", skipTraining: true });
    expect(again.results.means).toEqual(first.results.means);
    expect(again.results.modelsReused).toBe(2);
  });

  it("goes on where it was stopped, with the same result", async () => {
    const study = smallStudy({ epochs: 60 });
    const whole = await runStudy(study, { out: join(out, "whole"), scale: "tiny", seeds: 1 });
    const stop = new AbortController();
    const stopped = runStudy(study, {
      out,
      scale: "tiny",
      seeds: 1,
      signal: stop.signal,
      onProgress: ({ note }) => {
        if (/epoch 2\d\//.test(note)) stop.abort(new Error("stopped by the test"));
      },
    });
    await expect(stopped).rejects.toThrow("stopped by the test");
    const notes: string[] = [];
    const resumed = await runStudy(study, {
      out,
      scale: "tiny",
      seeds: 1,
      onNote: (text) => notes.push(text),
    });
    expect(notes.join()).toContain("goes on from its checkpoint");
    expect(resumed.results.means).toEqual(whole.results.means);
    expect(await readdir(join(out, "models"))).toEqual(["vae-1.onnx"]);
  });

  it("refuses models of other settings, and missing ones when it must not train", async () => {
    await runStudy(smallStudy(), { out, scale: "tiny", seeds: 1 });
    const run = (study: Study, options = {}) => runStudy(study, { out, scale: "tiny", seeds: 1, ...options });
    await expect(run(smallStudy({ latent: 3 }))).rejects.toThrow('with another "latent"');
    await expect(run(smallStudy(), { train: "columns" })).rejects.toThrow('fitted on "rows"');
    await expect(run(smallStudy(), { seeds: 2, skipTraining: true })).rejects.toThrow("vae-2.onnx");
  });

  it("starts anew from a checkpoint that does not fit", async () => {
    await runStudy(smallStudy(), { out, scale: "tiny", seeds: 1 });
    await rm(join(out, "models", "vae-1.onnx"));
    await writeFile(join(out, "models", "vae-1.checkpoint"), "not a checkpoint");
    const notes: string[] = [];
    await runStudy(smallStudy(), {
      out,
      scale: "tiny",
      seeds: 1,
      onNote: (text) => notes.push(text),
    });
    expect(notes.join()).toContain("trained from the beginning");
  });

  it("takes a data set with scenarios where the study has them, and refuses others", async () => {
    const study: Study = {
      ...smallStudy({ epochs: 2 }),
      datasets: ["digits", "signs"],
      scenarios: (dataset) => [`${dataset}-round`, `${dataset}-straight`],
    };
    const run = (options: object, of = study) => runStudy(of, { out, scale: "tiny", seeds: 1, ...options });
    expect((await run({})).results).toMatchObject({ dataset: "digits" });
    const { results } = await run({ dataset: "signs", scenarios: ["signs-round"] });
    expect(results).toMatchObject({ dataset: "signs", scenarios: ["signs-round"] });
    await expect(run({ dataset: "sign" })).rejects.toThrow('Did you mean "signs"?');
    await expect(run({ scenarios: ["signs-round"] })).rejects.toThrow("of digits.");
    await expect(run({ dataset: "digits" }, smallStudy())).rejects.toThrow("no choice of a data set");
    await expect(run({ scenarios: ["a"] }, smallStudy())).rejects.toThrow("has no scenarios");
  });

  it("refuses unknown data, and numbers of seeds that are none", async () => {
    const run = (options: object) => runStudy(smallStudy(), { out, ...options });
    await expect(run({ train: "row" })).rejects.toThrow('Did you mean "rows"?');
    await expect(run({ seeds: 0 })).rejects.toThrow("seeds is 0");
    const fixed = { ...smallStudy(), trains: [] };
    await expect(runStudy(fixed, { out, train: "mnist" })).rejects.toThrow("no choice of training data");
  });
});
