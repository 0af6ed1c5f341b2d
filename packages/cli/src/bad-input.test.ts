import { execFileSync } from "node:child_process";
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { gzipSync } from "node:zlib";
import { writeModel } from "@surprisal/engine";
import { writeNpz } from "surprisal";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openWorkplace, sample, surprisal, type Workplace } from "./testing/cli.js";

let models: Workplace;
let model: string;
let place: Workplace;
let lines: readonly string[];

beforeAll(async () => {
  models = await openWorkplace();
  model = models.path("model.onnx");
  const args = ["fit", sample("thyroid.csv"), "--detector", "ecod", "--label", "class=1", "--out", model];
  expect((await surprisal(args)).code).toBe(0);
  lines = (await fs.readFile(sample("thyroid.csv"), "utf8")).trimEnd().split("\n").slice(0, 200);
});
afterAll(() => models.remove());
beforeEach(async () => {
  place = await openWorkplace();
});
afterEach(() => place.remove());

const header = () => lines[0]!;
const csv = (...rows: readonly string[]) => `${rows.join("\n")}\n`;

/** The sample with one line changed. */
const changed = (line: number, change: (text: string) => string): string =>
  csv(...lines.map((text, i) => (i === line ? change(text) : text)));

/** The first cell of a line replaced. */
const withFirst = (cell: string) => (text: string) => text.replace(/^[^,]*/, cell);

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = place.path(name);
  await fs.writeFile(path, content);
  return path;
}

/** The command fails with code 1, says what is meant, and the folder holds what it held before. */
async function expectFault(args: readonly string[], ...faults: readonly string[]): Promise<void> {
  const before = await place.names();
  const { code, stdout, stderr } = await surprisal(args);
  for (const fault of faults) expect(stderr).toContain(fault);
  expect(stderr).toMatch(/^surprisal: /);
  expect(stderr).not.toContain("unexpected error");
  expect(stdout).toBe("");
  expect(code).toBe(1);
  expect(await place.names()).toEqual(before);
}

const fit = (data: string, ...more: readonly string[]) => [
  "fit",
  data,
  "--detector",
  "ecod",
  "--out",
  place.path("new.onnx"),
  ...more,
];
const score = (data: string) => ["score", model, data, "--out", place.path("scores.csv")];
const evaluate = (data: string) => [
  "evaluate",
  model,
  data,
  "--label",
  "class=1",
  "--report",
  place.path("report.html"),
];

/** The file is refused by every command that reads it, for the same fault. */
async function expectRefused(path: string, ...faults: readonly string[]): Promise<void> {
  for (const command of [fit, score, evaluate]) await expectFault(command(path), ...faults);
}

describe("tables that cannot be used", () => {
  it("an empty file", async () => {
    await expectRefused(await put("empty.csv", ""), "empty.csv", "empty");
    await expectRefused(await put("blank.csv", "\n\n"), "blank.csv", "empty");
  });

  it("a header without rows", async () => {
    await expectRefused(await put("header.csv", csv(header())), "header.csv", "no rows");
  });

  it("a line of another width", async () => {
    await expectRefused(
      await put(
        "width.csv",
        changed(7, (text) => `${text},1`),
      ),
      "width.csv",
      "line 8",
      "8 values",
      "7 columns",
    );
  });

  it("an array of another width", async () => {
    const path = place.path("wide.npz");
    await writeNpz(path, { X: { data: new Float64Array(24).fill(0.5), shape: [3, 8] } });
    await expectFault(score(path), "8 columns", "fitted on 6");
  });

  it("a missing and a renamed column", async () => {
    const missing = csv(...lines.map((text) => text.replace(/^[^,]*,/, "")));
    await expectFault(score(await put("missing.csv", missing)), 'no column "age"');
    const renamed = await put(
      "renamed.csv",
      changed(0, (text) => text.replace("TSH", "TSHH")),
    );
    await expectFault(score(renamed), 'no column "TSH"', 'Did you mean "TSHH"?');
    await expectFault(evaluate(renamed), 'no column "TSH"', 'Did you mean "TSHH"?');
  });

  it("text in a numeric column", async () => {
    const path = await put("text.csv", changed(5, withFirst("abc")));
    await expectRefused(path, '"age"', '"abc"', "data row 5");
  });

  it("infinity, with the row in the whole data, not in its chunk", async () => {
    await expectFault(
      fit(await put("infinite.csv", changed(5, withFirst("inf")))),
      'row 4, column "age" is Infinity',
    );
    const many = Array.from({ length: 20_000 }, (_, i) => lines[1 + (i % 199)]!);
    many[19_000] = withFirst("-inf")(many[19_000]!);
    await expectFault(
      score(await put("far.csv", csv(header(), ...many))),
      'row 19000, column "age" is -Infinity',
    );
  });

  it("NaN in an array; in a table it is a missing value that is filled in", async () => {
    const data = Float64Array.from({ length: 600 }, (_, i) => Math.sin(i));
    data[32] = Number.NaN;
    const path = place.path("nan.npz");
    await writeNpz(path, { X: { data, shape: [100, 6] } });
    await expectFault(fit(path), "row 5", "NaN", "--missing median");
    const table = await put("nan.csv", changed(5, withFirst("NaN")));
    const { code, stdout } = await surprisal(["score", model, table, "--quiet"]);
    expect(code).toBe(0);
    expect(Number.isFinite(Number(stdout.split("\n")[5]!.split(",")[1]))).toBe(true);
  });

  it("one row to learn from; one row to score is enough", async () => {
    const path = await put("one.csv", csv(header(), lines[1]!));
    await expectFault(fit(path), "at least two must remain to learn from");
    const { code, stdout } = await surprisal(["score", model, path, "--quiet"]);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
  });

  it("a constant column, unless it is accepted", async () => {
    const constant = csv(header(), ...lines.slice(1).map(withFirst("7")));
    const path = await put("constant.csv", constant);
    await expectFault(fit(path), '"age" holds 7 in every row', "--drop age");
    const empty = await put("hollow.csv", csv(header(), ...lines.slice(1).map(withFirst(""))));
    await expectFault(fit(empty), '"age" is empty in every row');
    expect((await surprisal(fit(path, "--keep-constant"))).code).toBe(0);
    expect((await surprisal(fit(path, "--drop", "age,class"))).code).toBe(0);
  });

  it("a column named twice", async () => {
    const path = await put(
      "twice.csv",
      changed(0, (text) => text.replace("TSH", "age")),
    );
    await expectRefused(path, '"age" twice', "columns 1 and 2");
  });

  it("a truncated and a damaged gzip file", async () => {
    const whole = gzipSync(csv(...lines));
    await expectRefused(
      await put("cut.csv.gz", whole.subarray(0, whole.length >> 1)),
      "cut.csv.gz",
      "truncated",
    );
    const damaged = Uint8Array.from(whole);
    damaged[damaged.length >> 1]! ^= 0xff;
    await expectRefused(await put("damaged.csv.gz", damaged), "damaged.csv.gz");
  });

  it("a file that is not there, of no known kind, or no table", async () => {
    await expectRefused(place.path("absent.csv"), "absent.csv", "does not exist");
    await expectRefused(await put("letter.docx", "PK"), "letter.docx", "no known kind");
    await expectRefused(await put("archive.csv", gzipSync("a,b\n1,2\n")), "archive.csv");
    await expectRefused("sql:select * form nowhere", "SQL");
  });

  it("labels of which none is an anomaly", async () => {
    const normal = csv(header(), ...lines.slice(1).map((text) => text.replace(/[01]$/, "0")));
    await expectFault(evaluate(await put("normal.csv", normal)), "auroc");
  });
});

describe("model files that cannot be used", () => {
  const commands = (path: string) => [
    ["inspect", path],
    ["score", path, sample("thyroid.csv"), "--out", place.path("scores.csv")],
    ["evaluate", path, sample("thyroid.csv"), "--label", "class=1", "--report", place.path("report.html")],
  ];

  it("a truncated or corrupted one", async () => {
    const bytes = await fs.readFile(model);
    const cut = await put("cut.onnx", bytes.subarray(0, bytes.length >> 1));
    for (const args of commands(cut)) await expectFault(args, "cut.onnx", "not an ONNX model");
  });

  it("an empty one, and one of another kind", async () => {
    const empty = await put("empty.onnx", "");
    for (const args of commands(empty)) await expectFault(args, "empty.onnx", "empty");
    for (const args of commands(sample("fashion-mnist-sample.npz"))) await expectFault(args, "ZIP archive");
    for (const args of commands(place.path("absent.onnx")))
      await expectFault(args, "absent.onnx", "no such file");
  });

  it("a foreign one: said to be not ours, with its maker", async () => {
    const foreign = writeModel({
      irVersion: 10,
      opsets: { "": 21 },
      producer: "pytorch",
      producerVersion: "2.9",
      graph: {
        name: "main",
        nodes: [{ opType: "Relu", inputs: ["x"], outputs: ["y"] }],
        inputs: [{ name: "x", dtype: "float32" }],
        outputs: [{ name: "y", dtype: "float32" }],
        initializers: new Map(),
      },
    });
    const path = await put("foreign.onnx", foreign);
    for (const args of commands(path))
      await expectFault(args, "foreign.onnx", "pytorch 2.9", "not a Surprisal detector");
  });
});

describe("a full disk", () => {
  const noSpace = () =>
    Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

  /** While `work` runs, no file in the workplace takes a byte. */
  async function withoutSpace(work: () => Promise<void>): Promise<void> {
    const { open, writeFile } = fs;
    const isOurs = (path: unknown) => String(path).startsWith(place.path(""));
    fs.open = async (path, ...rest) => {
      const handle: FileHandle = await open(path, ...rest);
      if (isOurs(path)) handle.writeFile = () => Promise.reject(noSpace());
      return handle;
    };
    fs.writeFile = async (file, data, options) => {
      await writeFile(file, isOurs(file) ? "" : data, options);
      if (isOurs(file)) throw noSpace();
    };
    syncBuiltinESMExports();
    try {
      await work();
    } finally {
      Object.assign(fs, { open, writeFile });
      syncBuiltinESMExports();
    }
  }

  it("leaves nothing of a model, of scores or of a report, and an older file as it was", async () => {
    const old = await put("new.onnx", "old");
    const thyroid = sample("thyroid.csv");
    await withoutSpace(async () => {
      await expectFault(fit(thyroid), "new.onnx", "disk is full");
      await expectFault(score(thyroid), "scores.csv", "disk is full");
      await expectFault(evaluate(thyroid), "report.html", "space");
    });
    expect(await fs.readFile(old, "utf8")).toBe("old");
    expect((await surprisal(fit(thyroid))).code).toBe(0);
  });

  /** A file system of 64 kB, where this user may make one. */
  function mountTiny(folder: string): boolean {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  }

  it("that is a real one leaves nothing either", async ({ skip }) => {
    const folder = place.path("tiny");
    await fs.mkdir(folder);
    if (!mountTiny(folder)) skip("needs the right to mount a file system");
    try {
      const filled = `${folder}/filled`;
      await fs.writeFile(filled, new Uint8Array(56 * 1024));
      const images = sample("fashion-mnist-sample.npz");
      const args = [
        "fit",
        images,
        "--detector",
        "vae",
        "--epochs",
        "1",
        "--hidden",
        "8",
        "--out",
        `${folder}/model.onnx`,
      ];
      const { code, stderr } = await surprisal(args);
      expect(stderr).toContain("disk is full");
      expect(code).toBe(1);
      for (const name of ["scores.csv", "scores.parquet"]) {
        const result = await surprisal(["score", model, sample("thyroid.csv"), "--out", `${folder}/${name}`]);
        expect(result.stderr).toMatch(/^surprisal: .*(disk is full|space)/);
        expect(result.code).toBe(1);
      }
      expect(await fs.readdir(folder)).toEqual(["filled"]);
    } finally {
      execFileSync("umount", [folder]);
    }
  });
});
