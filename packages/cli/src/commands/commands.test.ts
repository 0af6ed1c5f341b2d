import { readFile, writeFile } from "node:fs/promises";
import { load, readTable } from "surprisal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkplace, sample, surprisal, type Workplace } from "../testing/cli.js";

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace();
});
afterAll(() => place.remove());

/** Fits once for several tests. */
async function fitted(name: string, args: readonly string[]): Promise<string> {
  const path = place.path(`${name}.onnx`);
  const { code, stderr } = await surprisal(["fit", ...args, "--out", path, "--quiet"]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return path;
}

const forestArgs = [sample("thyroid.csv"), "--detector", "isolation-forest", "--label", "class=1"];

describe("fit", () => {
  it("prints what it did and what comes next", async () => {
    const path = place.path("summary.onnx");
    const { code, stdout } = await surprisal(["fit", ...forestArgs, "--trees", "20", "--out", path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/rows used +2,943 \(6 columns\)/);
    expect(stdout).toMatch(/anomalies left out +93/);
    expect(stdout).toMatch(/calibration rows +736 held out/);
    expect(stdout).toContain(`surprisal score ${path}`);
    expect(stdout).not.toContain("\u001B");
  });

  it("prints one JSON object with --json, also before the command", async () => {
    const path = place.path("json.onnx");
    const { stdout, stderr } = await surprisal([
      "--json",
      "fit",
      "dataset:cardio",
      "--detector",
      "ecod",
      "--out",
      path,
    ]);
    const summary = JSON.parse(stdout);
    expect(stderr).toBe("");
    expect(summary).toMatchObject({
      detector: "ecod",
      anomaliesLeftOut: 176,
      calibrationRows: 331,
      model: path,
    });
    expect(summary.bytes).toBe((await readFile(path)).length);
  });

  it("leaves columns out, and takes a rule for the threshold", async () => {
    const path = place.path("rule.onnx");
    const args = [
      sample("thyroid.csv"),
      "--detector",
      "ecod",
      "--drop",
      "class,age",
      "--threshold",
      "contamination=0.02",
    ];
    const { stdout } = await surprisal(["fit", ...args, "--out", path, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      columns: ["TSH", "T3", "TT4", "T4U", "FTI"],
      thresholdRule: { rule: "contamination", fraction: 0.02 },
    });
  });

  it("learns the classes of a column, and those that come with images", async () => {
    const rows = Array.from({ length: 120 }, (_, i) => {
      const corner = i % 3;
      return `${corner + Math.sin(i) / 9},${(corner * corner) / 2 + Math.cos(i) / 9},tree ${corner},${i % 40 === 7 ? 1 : 0}`;
    });
    const data = place.path("trees.csv");
    await writeFile(data, `x,y,kind,odd\n${rows.join("\n")}\n`);
    const args = "--detector classifier-confidence --network linear --epochs 2 --epsilon 0".split(" ");
    const path = place.path("classes.onnx");
    const table = await surprisal([
      ...["fit", data, ...args, "--classes", "kind", "--label", "odd", "--out", path, "--json"],
    ]);
    expect(table.stderr).toBe("");
    expect(JSON.parse(table.stdout)).toMatchObject({ columns: ["x", "y"], anomaliesLeftOut: 3 });
    const images = await surprisal([
      ...["fit", "dataset:fashion-mnist-sample", ...args, "--classes", "class", "--out", path, "--json"],
    ]);
    expect(JSON.parse(images.stdout)).toMatchObject({ summary: { classes: 10 } });
    const refused = await surprisal(["fit", data, "--detector", "ecod", "--classes", "kind", "--out", path]);
    expect(refused.stderr).toContain('ecod has no use for "classes"');
  });

  it("compares with general rows, and with a detector of them", async () => {
    const images = "dataset:fashion-mnist-sample";
    const small = "--body patches --patch-size 4 --depth 2 --width 8 --steps 3 --general-steps 3".split(" ");
    const args = ["fit", images, "--detector", "glow", ...small, "--json"];
    const [general, ratio] = [place.path("general.onnx"), place.path("ratio.onnx")];
    const first = await surprisal([...args, "--general", `${images}:test`, "--out", ratio]);
    expect(first.stderr).toBe("");
    expect((await load(ratio)).metadata.outputs).toContain("likelihood_ratio");
    expect((await surprisal([...args, "--out", general])).code).toBe(0);
    const second = await surprisal([...args, "--general-model", general, "--out", ratio]);
    expect(second.stderr).toBe("");
    expect((await load(ratio)).metadata.outputs).toContain("likelihood_ratio");
  });

  it("reads SQL", async () => {
    const query = `sql:select TSH, FTI from '${sample("thyroid.csv")}' where class = 0`;
    const { stdout } = await surprisal([
      "fit",
      query,
      "--detector",
      "ecod",
      "--out",
      place.path("sql.onnx"),
      "--json",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ columns: ["TSH", "FTI"], rows: 2943 });
  });

  it("says when the label marks no row", async () => {
    const args = [sample("thyroid.csv"), "--detector", "ecod", "--label", "class=7"];
    const { code, stderr } = await surprisal(["fit", ...args, "--out", place.path("none.onnx")]);
    expect(code).toBe(0);
    expect(stderr).toContain("no row has the label class=7");
  });
});

describe("a detector of a table", () => {
  let forest: string;
  beforeAll(async () => {
    forest = await fitted("forest", forestArgs);
  });

  it("scores in the order of the rows, the same into every format", async () => {
    const csv = await surprisal(["score", forest, sample("thyroid.csv")]);
    expect(csv.code).toBe(0);
    const lines = csv.stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("row,score,p_value,is_anomaly");
    expect(lines).toHaveLength(3773);
    expect(lines.slice(1).every((line, row) => line.startsWith(`${row},`))).toBe(true);
    const scores = lines.slice(1).map((line) => Number(line.split(",")[1]));
    for (const extension of ["csv", "parquet", "json", "ndjson", "csv.gz"]) {
      const out = place.path(`scores.${extension}`);
      const { code, stdout } = await surprisal(["score", forest, sample("thyroid.csv"), "--out", out]);
      expect(code).toBe(0);
      expect(stdout).toContain("3,772 rows scored");
      const table = await readTable(out);
      expect(table.columns.map(({ name }) => name)).toEqual(["row", "score", "p_value", "is_anomaly"]);
      expect([...(table.columns[1]!.values as Float64Array)]).toEqual(scores);
    }
  });

  it("selects among all rows at a rate, the same in one piece as in chunks", async () => {
    const out = place.path("selected.csv");
    const args = ["score", forest, sample("thyroid.csv"), "--fdr", "0.5"];
    const { code, stdout } = await surprisal([...args, "--out", out]);
    expect(code).toBe(0);
    const table = await readTable(out);
    expect(table.columns.map(({ name }) => name)).toEqual([
      "row",
      "score",
      "p_value",
      "is_anomaly",
      "selected",
    ]);
    const { select } = await import("surprisal");
    const pValues = table.columns[2]!.values as Float64Array;
    const expected = select(pValues, { fdr: 0.5 });
    const count = expected.filter(Boolean).length;
    expect(Array.from(table.columns[4]!.values, Number)).toEqual(expected.map(Number));
    expect(count).toBeGreaterThan(0);
    expect(stdout).toContain(`, ${count} selected`);
    const json = JSON.parse((await surprisal([...args, "--json"])).stdout);
    expect(json.selected).toBe(count);
    expect(json.scores.map((row: { selected: boolean }) => row.selected)).toEqual(expected);
  });

  it("selects only at a rate, and by a model with calibration rows", async () => {
    const wrong = await surprisal(["score", forest, sample("thyroid.csv"), "--fdr", "1.5"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("--fdr is 1.5");
    const bare = await fitted("bare", [sample("thyroid.csv"), "--detector", "ecod", "--calibration", "0"]);
    const refused = await surprisal(["score", bare, sample("thyroid.csv"), "--fdr", "0.1"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("without calibration rows");
  });

  it("gives the scores that the library gives, with p-values and flags", async () => {
    const { stdout } = await surprisal(["score", forest, sample("thyroid.csv"), "--json"]);
    const { scores, rows, anomalies, threshold } = JSON.parse(stdout);
    expect(rows).toBe(3772);
    expect(scores).toHaveLength(3772);
    const flagged = scores.filter((row: { score: number }) => row.score > threshold);
    expect(flagged).toHaveLength(anomalies);
    expect(flagged.every((row: { is_anomaly: boolean }) => row.is_anomaly)).toBe(true);
    expect(scores.every((row: { p_value: number }) => row.p_value > 0 && row.p_value <= 1)).toBe(true);
    const { load } = await import("surprisal");
    const model = await load(forest);
    const direct = await model.score(await readTable(sample("thyroid.csv")));
    await model.close();
    expect(scores.map((row: { score: number }) => Math.fround(row.score))).toEqual([...direct.scores]);
  });

  it("keeps columns, and takes another threshold", async () => {
    const { stdout } = await surprisal([
      "score",
      forest,
      sample("thyroid.csv"),
      "--keep",
      "class,age",
      "--threshold",
      "-1",
    ]);
    const [header, first] = stdout.split("\n");
    expect(header).toBe("row,score,p_value,is_anomaly,age,class");
    expect(first).toMatch(/,1,0\.774193548387,0$/);
  });

  it("evaluates with a table, one JSON object, and a report", async () => {
    const args = ["evaluate", forest, sample("thyroid.csv"), "--label", "class=1"];
    const text = await surprisal(args);
    expect(text.stdout).toMatch(/AUROC +0\.9\d\d\d\n/);
    const report = place.path("report.html");
    const json = await surprisal([...args, "--json", "--report", report]);
    expect(json.stderr).toBe("");
    const figures = JSON.parse(json.stdout);
    expect(figures).toMatchObject({ rows: 3772, anomalies: 93, report, detector: "isolation-forest" });
    expect(figures.auroc).toBeGreaterThan(0.95);
    const { truePositives, falsePositives, falseNegatives } = figures.confusion;
    expect(figures.precision).toBeCloseTo(truePositives / (truePositives + falsePositives), 12);
    expect(figures.recall).toBeCloseTo(truePositives / (truePositives + falseNegatives), 12);
    for (const key of ["ap", "threshold", "f1", "fpr95", "seconds"])
      expect(figures[key]).toBeTypeOf("number");
    const page = await readFile(report, "utf8");
    expect(page).toContain("Most anomalous rows");
    expect(page).toContain("TSH");
  });

  it("evaluates the bundled data set without a label, at another threshold", async () => {
    const { stdout } = await surprisal(["evaluate", forest, "dataset:thyroid", "--threshold", "0", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ threshold: 0, recall: 1, anomalies: 93 });
  });

  it("takes the other class where the label says !=", async () => {
    const run = async (label: string) =>
      JSON.parse(
        (await surprisal(["evaluate", forest, sample("thyroid.csv"), "--label", label, "--json"])).stdout,
      );
    const [is, isNot] = [await run("class=1"), await run("class!=0")];
    expect({ ...isNot, seconds: 0 }).toEqual({ ...is, seconds: 0 });
  });

  it("is described by inspect", async () => {
    const { stdout } = await surprisal(["inspect", forest]);
    for (const word of [
      "isolation-forest",
      "trees=100",
      "falsePositiveRate",
      "736",
      "TSH",
      "float64[N, 6]",
      "p_value",
      "ai.onnx",
    ]) {
      expect(stdout).toContain(word);
    }
    const document = JSON.parse((await surprisal(["inspect", forest, "--json"])).stdout);
    expect(document).toMatchObject({
      detector: { name: "isolation-forest" },
      training: { rows: 2943, anomalies: 93 },
    });
    expect(document.onnx.outputs.map(({ name }: { name: string }) => name)).toContain("score");
    expect(document.bytes).toBe((await readFile(forest)).length);
  });
});

describe("further outputs", () => {
  it("become columns, contributions by the names of the features", async () => {
    const ecod = await fitted("ecod", [sample("thyroid.csv"), "--detector", "ecod", "--label", "class=1"]);
    const { stdout } = await surprisal(["score", ecod, sample("thyroid.csv"), "--outputs", "contribution"]);
    const [header, first] = stdout.split("\n").map((line) => line.split(","));
    expect(header!.slice(4)).toEqual(
      ["age", "TSH", "T3", "TT4", "T4U", "FTI"].map((name) => `contribution_${name}`),
    );
    const sum = first!.slice(4).reduce((total, part) => total + Number(part), 0);
    expect(sum).toBeCloseTo(Number(first![1]), 3);
  });

  it("are refused by name where the model has none such", async () => {
    const { code, stderr } = await surprisal([
      "score",
      place.path("ecod.onnx"),
      sample("thyroid.csv"),
      "--outputs",
      "elbo",
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('no further output "elbo"');
    expect(stderr).toContain("contribution");
  });
});

describe("a detector of images", () => {
  it("leaves a class out, and shows images beside their reconstruction", async () => {
    const args = ["dataset:fashion-mnist-sample", "--detector", "vae", "--epochs", "1", "--label", "class=9"];
    const model = await fitted("images", args);
    const report = place.path("images.html");
    const evaluate = [
      "evaluate",
      model,
      "dataset:fashion-mnist-sample",
      "--label",
      "class=9",
      "--report",
      report,
      "--json",
    ];
    const { stdout, stderr } = await surprisal(evaluate);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ rows: 500, detector: "vae" });
    const page = await readFile(report, "utf8");
    expect(page).toContain("Most anomalous images");
    expect(page).toMatch(/E=\d+\.\d/);
    const { stdout: scores } = await surprisal([
      "score",
      model,
      sample("fashion-mnist-sample.npz"),
      "--quiet",
    ]);
    expect(scores.trimEnd().split("\n").length).toBeGreaterThan(500);
  });
});

describe("detectors", () => {
  it("lists them, and the options of one", async () => {
    const all = JSON.parse((await surprisal(["detectors", "--json"])).stdout);
    expect(all.detectors.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(["ecod", "isolation-forest", "vae"]),
    );
    const { stdout } = await surprisal(["detectors", "isolationForest"]);
    expect(stdout).toMatch(/--trees +100/);
    const vae = JSON.parse((await surprisal(["detectors", "vae", "--json"])).stdout);
    const seed = vae.options.find(({ name }: { name: string }) => name === "seed");
    expect(seed).toMatchObject({ flag: "--seed", default: 0, type: "integer in [0, 4294967295]" });
  });
});

describe("datasets", () => {
  it("lists them, and tells of one", async () => {
    const { stdout } = await surprisal(["datasets"]);
    expect(stdout).toMatch(/thyroid +table +bundled/);
    const one = JSON.parse((await surprisal(["datasets", "thyroid", "--download", "--json"])).stdout);
    expect(one).toMatchObject({ name: "thyroid", task: "table", presence: "bundled" });
    expect(one.licence).toContain("BSD");
  });
});
