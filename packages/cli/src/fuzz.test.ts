import { readFile, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkplace, sample, surprisal, type Workplace } from "./testing/cli.js";

let place: Workplace;
let model: Uint8Array;
let modelPath: string;

beforeAll(async () => {
  place = await openWorkplace();
  modelPath = place.path("model.onnx");
  const args = ["fit", sample("thyroid.csv"), "--detector", "ecod", "--label", "class=1", "--out", modelPath];
  expect((await surprisal(args)).code).toBe(0);
  model = await readFile(modelPath);
});
afterAll(() => place.remove());

/**
 * Runs a command on hostile input: it succeeds, or fails with one plain error of the data, never with
 * an error of ours, and the folder holds nothing that it did not before.
 */
async function expectCalm(args: readonly string[], out?: string): Promise<void> {
  const before = new Set(await place.names());
  const { code, stderr } = await surprisal([...args, "--quiet"]);
  expect([0, 1]).toContain(code);
  expect(stderr).not.toContain("unexpected error");
  if (code === 1) expect(stderr).toMatch(/^surprisal: \S/);
  const added = (await place.names()).filter((name) => !before.has(name));
  expect(added.every((name) => code === 0 && out !== undefined && place.path(name) === out)).toBe(true);
}

const cell = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -3, max: 3, noNaN: true }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "NaN",
      "NA",
      "inf",
      "-Infinity",
      "1e999",
      "-0",
      "0x10",
      "1_000",
      "true",
      "2024-01-01",
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"', '"a', 'a"b', '"a,b"', '""', ";", "\t", "\u0000", "\uFEFF", "\r", "'"),
  },
);
const name = fc.oneof(
  fc.constantFrom("age", "TSH", "T3", "TT4", "T4U", "FTI", "class"),
  fc.constantFrom("", " ", "a b", '"x,y"', "__proto__", "constructor", "TSH ", "1"),
);
const line = (item: fc.Arbitrary<string>) =>
  fc.array(item, { minLength: 0, maxLength: 9 }).map((cells) => cells.join(","));
const goodHeader = fc.constant("age,TSH,T3,TT4,T4U,FTI,class");
const table = fc
  .record({
    header: fc.oneof(goodHeader, line(name)),
    rows: fc.array(line(cell), { maxLength: 12 }),
    end: fc.constantFrom("\n", "\r\n", "\r"),
    last: fc.boolean(),
  })
  .map(({ header, rows, end, last }) => [header, ...rows].join(end) + (last ? end : ""));

/** Bytes of a file with some changed, some taken out, some put in, or the end cut off. */
const damage = (length: number) =>
  fc.array(
    fc.record({
      at: fc.nat({ max: length - 1 }),
      kind: fc.constantFrom("set" as const, "remove" as const, "insert" as const, "cut" as const),
      value: fc.integer({ min: 0, max: 255 }),
    }),
    { minLength: 1, maxLength: 4 },
  );

type Damage = ReturnType<typeof damage> extends fc.Arbitrary<infer T> ? T : never;

function damaged(bytes: Uint8Array, changes: Damage): Uint8Array {
  const result = [...bytes];
  for (const { at, kind, value } of changes) {
    const place = Math.min(at, Math.max(0, result.length - 1));
    if (kind === "set") result[place] = value;
    else if (kind === "remove") result.splice(place, 1 + (value % 16));
    else if (kind === "insert") result.splice(place, 0, value, value);
    else if (value < 64) result.length = place;
  }
  return Uint8Array.from(result);
}

describe("no input makes a command crash", () => {
  it("tables of odd text, to fit and to score", async () => {
    const path = place.path("odd.csv");
    await writeFile(path, "");
    const out = place.path("odd-out.onnx");
    const scores = place.path("odd-scores.csv");
    await fc.assert(
      fc.asyncProperty(table, async (text) => {
        await writeFile(path, text);
        await expectCalm(["score", modelPath, path, "--out", scores], scores);
        await expectCalm(["fit", path, "--detector", "ecod", "--out", out], out);
      }),
      { seed: 1, numRuns: 60, interruptAfterTimeLimit: 15_000 },
    );
  });

  it("tables of any bytes, under any name", async () => {
    const paths = [
      "bytes.csv",
      "bytes.json",
      "bytes.ndjson",
      "bytes.parquet",
      "bytes.csv.gz",
      "bytes.npz",
      "bytes-ubyte",
    ].map(place.path);
    for (const path of paths) await writeFile(path, "");
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.uint8Array({ maxLength: 200 }), async (path, bytes) => {
        await writeFile(path, bytes);
        await expectCalm(["score", modelPath, path]);
      }),
      { seed: 2, numRuns: 120, interruptAfterTimeLimit: 10_000 },
    );
  });

  it("damaged model files, to inspect and to score with", async () => {
    const path = place.path("damaged.onnx");
    const rows = place.path("rows.csv");
    await writeFile(path, "");
    await writeFile(
      rows,
      (await readFile(sample("thyroid.csv"), "utf8")).split("\n").slice(0, 20).join("\n"),
    );
    await fc.assert(
      fc.asyncProperty(damage(model.length), async (changes) => {
        await writeFile(path, damaged(model, changes));
        await expectCalm(["inspect", path]);
        await expectCalm(["score", path, rows]);
      }),
      { seed: 3, numRuns: 60, interruptAfterTimeLimit: 15_000 },
    );
  });
});
