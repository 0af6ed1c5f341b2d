import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SurprisalError } from "../errors.js";
import { makeTestFolder, type TestFolder } from "./folder.test.helper.js";
import { readTable } from "./read-table.js";
import { tableFromRows } from "./table-parts.js";
import { writeTable } from "./table-writer.js";

let folder: TestFolder;
beforeAll(async () => {
  folder = await makeTestFolder();
});
afterAll(() => folder.remove());

/** Reads a file of this content: a table with columns of equal length, or a SurprisalError. */
async function readsOrExplains(name: string, content: string | Uint8Array): Promise<void> {
  const path = await folder.file(name, content);
  try {
    const table = await readTable(path);
    expect(table.rowCount).toBeGreaterThan(0);
    for (const column of table.columns) expect(column.values.length).toBe(table.rowCount);
  } catch (error) {
    if (!(error instanceof SurprisalError)) throw error;
    expect(error.message).toContain(name);
  }
}

const csvLike = fc
  .array(
    fc.constantFrom(
      "a",
      "b",
      "1",
      "2.5",
      "-3",
      ",",
      ",",
      "\n",
      "\n",
      '"',
      "\r\n",
      "\r",
      ";",
      "\t",
      " ",
      "NA",
      "\u00e9",
      "\ufeff",
      "'",
      "#",
      "\\",
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => parts.join(""));

describe("fuzzed table files", () => {
  it("reads or explains texts like CSV", async () => {
    await fc.assert(
      fc.asyncProperty(csvLike, (text) => readsOrExplains("text.csv", text)),
      { numRuns: 150, seed: 11 },
    );
  });

  it("reads or explains any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), (text) =>
        readsOrExplains("any.csv", text),
      ),
      { numRuns: 60, seed: 12 },
    );
  });

  it("reads or explains any bytes under every extension", async () => {
    const names = ["x.csv", "x.tsv", "x.csv.gz", "x.csv.zst", "x.parquet", "x.json", "x.ndjson"];
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...names), (bytes, name) =>
        readsOrExplains(name, bytes),
      ),
      { numRuns: 120, seed: 13 },
    );
  });

  it("reads back every table that it writes as CSV", async () => {
    const text = fc
      .string({ unit: "grapheme", maxLength: 12 })
      .filter((s) => !s.includes("\0") && /\p{L}/u.test(s));
    const row = fc.record({
      number: fc.oneof(fc.double(), fc.constant(null)),
      word: fc.oneof(
        text.filter((s) => !/^\s*(null|na|n\/a|nan|inf.*)\s*$/i.test(s)),
        fc.constant(null),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const table = tableFromRows([...rows, { number: 0.5, word: "last" }]);
        const path = `${folder.path}/back.csv`;
        await writeTable(path, table);
        const back = await readTable(path, { kinds: { word: "categorical" } });
        expect([...back.columns[0]!.values].map((x) => (x as number) + 0)).toEqual(
          [...table.columns[0]!.values].map((x) => (x as number) + 0),
        );
        expect(back.columns[1]!.values).toEqual(table.columns[1]!.values);
      }),
      { numRuns: 60, seed: 14 },
    );
  });
});
