import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SurprisalError } from "../errors.js";
import { openDuckDB, sqlText } from "./duckdb.js";
import { makeTestFolder, type TestFolder } from "./folder.test.helper.js";
import { describeTable, type ReadTableOptions, readTable, streamTable } from "./read-table.js";
import type { TableSource } from "./source.js";
import type { Table } from "./table.js";

let folder: TestFolder;
beforeAll(async () => {
  folder = await makeTestFolder();
});
afterAll(() => folder.remove());

const values = (table: Table, name: string): unknown[] => {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return [...column.values];
};

const kinds = (table: Pick<Table, "columns">): Record<string, string> =>
  Object.fromEntries(table.columns.map(({ name, kind }) => [name, kind]));

async function fault(source: TableSource, options: ReadTableOptions = {}): Promise<string> {
  const error = await readTable(source, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SurprisalError);
  return (error as Error).message;
}

/** Runs SQL that writes a file. */
async function run(sql: string): Promise<void> {
  const { connection, close } = await openDuckDB();
  await connection.run(sql);
  close();
}

describe("readTable of delimited text", () => {
  it("finds out numbers, truth values, dates and categories", async () => {
    const path = await folder.file(
      "kinds.csv",
      "n,b,d,t,c\n1,true,2020-01-02,1970-01-01 00:00:10.5,x\n-2.5e3,FALSE,1970-01-02,1970-01-01T01:00:00+01:00,y\n",
    );
    const table = await readTable(path);
    expect(kinds(table)).toEqual({
      n: "numeric",
      b: "numeric",
      d: "numeric",
      t: "numeric",
      c: "categorical",
    });
    expect(values(table, "n")).toEqual([1, -2500]);
    expect(values(table, "b")).toEqual([1, 0]);
    expect(values(table, "d")).toEqual([1577923200, 86400]);
    expect(values(table, "t")).toEqual([10.5, 0]);
    expect(values(table, "c")).toEqual(["x", "y"]);
    expect(table.rowCount).toBe(2);
  });

  it("takes the usual markers for missing values and keeps infinities", async () => {
    const path = await folder.file(
      "missing.csv",
      "n,c\n,\nNULL,null\nNA,N/A\nN/A,?\nNaN,nan\n?,  \n inf ,inf\n-Infinity,-\n7,7\n-9,a\n",
    );
    const table = await readTable(path, { missing: ["-9"] });
    expect(values(table, "n")).toEqual([...Array(6).fill(Number.NaN), Infinity, -Infinity, 7, Number.NaN]);
    expect(values(table, "c")).toEqual([...Array(6).fill(null), "inf", "-", "7", "a"]);
  });

  it("makes a column of nothing but missing values numeric", async () => {
    const table = await readTable(await folder.file("void.csv", "a,b\n1,\n2,NA\n"));
    expect(values(table, "b")).toEqual([Number.NaN, Number.NaN]);
  });

  it("reads quotes, line ends and delimiters of all sorts", async () => {
    const expected = [
      ["x, y", 'say "hi"\nthere'],
      [1, 2],
    ];
    for (const [name, delimiter, end] of [
      ["comma.csv", ",", "\n"],
      ["windows.csv", ",", "\r\n"],
      ["mac.csv", ",", "\r"],
      ["semicolon.csv", ";", "\n"],
      ["pipe.txt", "|", "\n"],
      ["tab.tsv", "\t", "\n"],
      ["mark.csv", ",", "\n"],
    ] as const) {
      const start = name === "mark.csv" ? "\uFEFF" : "";
      const lines = [`"a"${delimiter}b`, `"x, y"${delimiter}1`, `"say ""hi""\nthere"${delimiter}2`];
      const table = await readTable(await folder.file(name, start + lines.join(end) + end));
      expect([values(table, "a"), values(table, "b")], name).toEqual(expected);
    }
  });

  it("reads tables of one row, one column and without the last line end", async () => {
    expect(values(await readTable(await folder.file("row.csv", "a,b\n1,x")), "b")).toEqual(["x"]);
    expect(values(await readTable(await folder.file("column.csv", "a\n1\n\n3\n")), "a")).toEqual([
      1,
      Number.NaN,
      3,
    ]);
    expect(values(await readTable(await folder.file("cell.csv", "a\n5")), "a")).toEqual([5]);
  });

  it("skips blank lines between rows", async () => {
    expect(values(await readTable(await folder.file("blank.csv", "a,b\n1,2\n\n3,4\n\n")), "a")).toEqual([
      1, 3,
    ]);
  });

  it("keeps names that differ in case apart and names nameless columns", async () => {
    const table = await readTable(await folder.file("case.csv", ",a,A\n0,1,2\n"));
    expect(table.columns.map(({ name }) => name)).toEqual(["column1", "a", "A"]);
    expect(values(table, "A")).toEqual([2]);
  });

  it("reads files without a header", async () => {
    const path = await folder.file("headless.csv", "1,2\n3,4\n");
    const table = await readTable(path, { header: false });
    expect(values(table, "column2")).toEqual([2, 4]);
    expect(await fault(await folder.file("data.csv", "1.5,2.5\n3,4\n"))).toMatch(/header: false/);
    expect(await fault(await folder.file("same.csv", "0,0\n3,4\n"))).toMatch(
      /twice.*header: false|header: false/s,
    );
  });

  it("reads names that count the columns", async () => {
    expect(values(await readTable(await folder.file("count.csv", "0,1,2\n5,6,7\n")), "1")).toEqual([6]);
  });

  it("reads gzipped and zstd text", async () => {
    const zipped = await folder.file("zipped.csv.gz", gzipSync("a,b\n1,x\n2,y\n"));
    expect(values(await readTable(zipped), "b")).toEqual(["x", "y"]);
    const zstd = join(folder.path, "packed.csv.zst");
    await run(`copy (select 1.5 as a, 'x' as b) to ${sqlText(zstd)} (format csv, compression zstd)`);
    expect(values(await readTable(zstd), "a")).toEqual([1.5]);
  });

  it("reads names of files that look like patterns or SQL", async () => {
    const path = await folder.file("it's [a] *.csv", "a,b\n1,2\n");
    expect(values(await readTable(path), "a")).toEqual([1]);
  });

  it("reads a thousand columns", async () => {
    const width = 1000;
    const names = Array.from({ length: width }, (_, i) => `k${i}`);
    const row = names.map((_, i) => (i % 10 === 0 ? "red" : String(i)));
    const path = await folder.file("wide.csv", `${names.join(",")}\n${row.join(",")}\n`);
    const schema = names.map((name, i) => ({
      name,
      kind: i % 10 === 0 ? ("categorical" as const) : ("numeric" as const),
    }));
    const table = await readTable(path, { schema });
    expect(values(table, "k999")).toEqual([999]);
    expect(values(table, "k990")).toEqual(["red"]);
  });
});

describe("readTable of other sources", () => {
  it("reads Parquet with every kind of number", async () => {
    const path = join(folder.path, "kinds.parquet");
    await run(
      `copy (select 1.25::DECIMAL(10,2) as d, 9007199254740993::BIGINT as i, 12::HUGEINT as h, 7::UTINYINT as u, ` +
        `true as b, date '1970-01-02' as day, timestamp '1970-01-01 00:00:01.5' as t, time '01:00:00' as clock, ` +
        `'NA' as c, 0.5::FLOAT as f, null::INTEGER as n, 'x'::ENUM('x', 'y') as e) to ${sqlText(path)} (format parquet)`,
    );
    const table = await readTable(path);
    const row = Object.fromEntries(table.columns.map((column) => [column.name, column.values[0]]));
    expect(row).toEqual({
      d: 1.25,
      i: 9007199254740992,
      h: 12,
      u: 7,
      b: 1,
      day: 86400,
      t: 1.5,
      clock: 3600,
      c: null,
      f: 0.5,
      n: Number.NaN,
      e: "x",
    });
  });

  it("reads JSON and NDJSON", async () => {
    const array = await folder.file("array.json", '[{"a": 1, "b": "x"}, {"a": null, "b": "y"}, {"a": 2.5}]');
    expect(values(await readTable(array), "a")).toEqual([1, Number.NaN, 2.5]);
    expect(values(await readTable(array), "b")).toEqual(["x", "y", null]);
    const lines = await folder.file("lines.ndjson", '{"a":true,"z":null}\n{"a":false,"z":null}\n');
    expect(values(await readTable(lines), "a")).toEqual([1, 0]);
    const zipped = await folder.file("zipped.json.gz", gzipSync('[{"a":3}]'));
    expect(values(await readTable(zipped), "a")).toEqual([3]);
  });

  it("reads an SQL query over files", async () => {
    const path = await folder.file("query.csv", "a,b\n1,x\n2,y\n3,x\n");
    const table = await readTable({
      sql: `select b, sum(a) as total from ${sqlText(path)} group by b order by b;`,
    });
    expect(values(table, "total")).toEqual([4, 2]);
    expect(await fault({ sql: "select nothing" })).toMatch(/nothing/);
    expect(await fault({ sql: "  ;" })).toMatch(/empty/);
  });

  it("refuses nested values unless they are left out", async () => {
    const path = await folder.file("nested.ndjson", '{"a":1,"b":{"c":2}}\n');
    expect(await fault(path)).toMatch(/"b".*STRUCT/);
    expect(values(await readTable(path, { schema: [{ name: "a" }] }), "a")).toEqual([1]);
  });
});

describe("schema", () => {
  const text = "height,width,colour\n1,2,red\n3,4,blue\n";

  it("puts the columns in its order and notes those that are not used", async () => {
    const path = await folder.file("extra.csv", text);
    const notes: string[] = [];
    const table = await readTable(path, {
      schema: [
        { name: "colour", kind: "categorical" },
        { name: "height", kind: "numeric" },
      ],
      onNote: (note) => notes.push(note),
    });
    expect(table.columns.map(({ name }) => name)).toEqual(["colour", "height"]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/"width"/);
  });

  it("reads numbers as categories where they are to be", async () => {
    const path = await folder.file("codes.csv", "code\n01\n2\n");
    expect(
      values(await readTable(path, { schema: [{ name: "code", kind: "categorical" }] }), "code"),
    ).toEqual(["01", "2"]);
    expect(values(await readTable(path, { kinds: { code: "categorical" } }), "code")).toEqual(["01", "2"]);
    expect(await fault(path, { kinds: { cod: "categorical" } })).toMatch(/Did you mean "code"/);
  });

  it("names a missing or renamed column with its nearest", async () => {
    const path = await folder.file("renamed.csv", text);
    const schema = [{ name: "hight" }, { name: "width" }, { name: "colour" }];
    expect(await fault(path, { schema })).toMatch(/no column "hight".*Did you mean "height"\?/);
    expect(await fault(path, { schema: [{ name: "zzz" }, { name: "yyy" }] })).toMatch(
      /"zzz".*"yyy".*3 columns, 2/s,
    );
  });

  it("names column, row and text of an entry that is not a number", async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => (i === 4200 ? "4200,oops" : `${i},${i}`));
    const path = await folder.file("oops.csv", `a,b\n${rows.join("\n")}\n`);
    const schema = [{ name: "b", kind: "numeric" as const }];
    expect(await fault(path, { schema })).toMatch(/"b" must be numeric and holds "oops" in data row 4201/);
    expect(await fault(path)).toMatch(/"b".*1 of its 5000.*"oops" in data row 4201/);
    expect(values(await readTable(path, { schema, missing: ["oops"] }), "b")[4200]).toBeNaN();
    const json = await folder.file("oops.ndjson", '{"a":1}\n{"a":2}\n{"a":3}\n{"a":4}\n{"a":"five"}\n');
    expect(await fault(json)).toMatch(/"five" in data row 5/);
    expect(await fault(json, { schema: [{ name: "a", kind: "numeric" }] })).toMatch(/"five" in data row 5/);
  });

  it("reads true, false and dates where numbers are expected", async () => {
    const path = await folder.file("mixed.csv", "a,d\ntrue,1970-01-02\n0,1970-01-01\n");
    const schema = [
      { name: "a", kind: "numeric" as const },
      { name: "d", kind: "numeric" as const },
    ];
    const table = await readTable(path, { schema });
    expect(values(table, "a")).toEqual([1, 0]);
    expect(values(table, "d")).toEqual([86400, 0]);
  });
});

describe("faults of files", () => {
  it.each([
    ["empty.csv", "", /empty/],
    ["blanks.csv", " \n\n  \n", /empty/],
    ["header.csv", "a,b,c\n", /no rows/],
    ["header.parquet.csv", "a,b", /no rows/],
    ["twice.csv", "a,b,a\n1,2,3\n", /"a" twice \(columns 1 and 3\)/],
    ["wide.csv", "a,b\n1,2\n3,4,5\n", /line 3: 3 values where the table has 2 columns/],
    ["narrow.csv", "a,b,c\n1,2,3\n4,5\n", /line 3: 2 values where the table has 3 columns/],
    ["open.csv", 'a,b\n"x,2\n3,4\n', /quote/],
    ["latin.csv", Buffer.from("a,b\n\xe9t\xe9,2\n", "latin1"), /UTF-8/],
    ["utf16.csv", Buffer.from("\uFEFFa,b\n1,2\n", "utf16le"), /UTF-16/],
    ["nul.csv", "a,b\n\0,2\n", /NUL/],
    ["image.csv", Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]), /PNG/],
    ["zip.csv", Buffer.from("PK\x03\x04garbage"), /zip/],
    ["table.parquet", "a,b\n1,2\n", /Parquet/],
    ["cut.json", '[{"a": 1}, {"a":', /malformed JSON/],
    ["text.json", "hello", /malformed JSON/],
    ["none.json", "[]", /no rows/],
    ["plain.csv.gz", "a,b\n1,2\n", /gzip/],
    ["plain.json.gz", '[{"a":1}]', /gzip/],
    ["plain.csv.zst", "a,b\n1,2\n", /not zstd/],
  ] as const)("%s", async (name, content, pattern) => {
    const path = await folder.file(name, content);
    const message = await fault(path);
    expect(message).toMatch(pattern);
    expect(message).toContain(name);
  });

  it("finds gzip that is cut off anywhere, even at the end of a line", async () => {
    const whole = gzipSync(`a,b\n${"1,2\n".repeat(100_000)}`);
    for (const share of [0.1, 0.5, 0.99, 1]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share) - 4);
      expect(await fault(await folder.file("cut.csv.gz", cut))).toMatch(/truncated/);
    }
    const harmed = Buffer.from(whole);
    harmed[whole.length >> 1]! ^= 255;
    expect(await fault(await folder.file("harmed.csv.gz", harmed))).toMatch(/damaged|truncated/);
  });

  it("finds zstd that is cut off anywhere", async () => {
    const path = join(folder.path, "whole.csv.zst");
    const sql = "select range as a, hash(range) as b from range(100000)";
    await run(`copy (${sql}) to ${sqlText(path)} (format csv, compression zstd)`);
    expect((await readTable(path)).rowCount).toBe(100_000);
    const whole = await readFile(path);
    for (const share of [0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 1]) {
      const cut = whole.subarray(0, Math.floor(whole.length * share) - 1);
      expect(await fault(await folder.file("cut.csv.zst", cut))).toMatch(/cut\.csv\.zst" is truncated/);
    }
    const twice = await readTable(await folder.file("twice.csv.zst", Buffer.concat([whole, whole])), {
      kinds: { a: "categorical", b: "categorical" },
    });
    expect(twice.rowCount).toBe(200_001);
  });

  it("finds Parquet that is cut off", async () => {
    const path = join(folder.path, "whole.parquet");
    await run(`copy (select range as a from range(1000)) to ${sqlText(path)} (format parquet)`);
    const bytes = await readFile(path);
    expect(await fault(await folder.file("part.parquet", bytes.subarray(0, bytes.length / 2)))).toMatch(
      /Parquet/,
    );
  });

  it("names the nearest file, a folder, and an unknown extension", async () => {
    await folder.file("measurements.csv", "a\n1\n");
    expect(await fault(join(folder.path, "mesurements.csv"))).toMatch(/Did you mean ".*measurements\.csv"/);
    expect(await fault(join(folder.path, "absent", "x.csv"))).toMatch(/no folder/);
    await mkdir(join(folder.path, "sub.csv"), { recursive: true });
    expect(await fault(join(folder.path, "sub.csv"))).toMatch(/is a folder/);
    expect(await fault(await folder.file("table.xyz", "a\n1\n"))).toMatch(/\.parquet/);
    expect(values(await readTable({ path: join(folder.path, "table.xyz"), format: "csv" }), "a")).toEqual([
      1,
    ]);
    expect(await fault("")).toMatch(/empty/);
  });

  it("refuses a delimiter of several characters and chunks of no rows", async () => {
    const path = await folder.file("fine.csv", "a,b\n1,2\n");
    expect(await fault(path, { delimiter: "::" })).toMatch(/one character/);
    await expect(streamTable(path, { chunkRows: 0 }).next()).rejects.toThrow(SurprisalError);
    await expect(streamTable(path, { chunkRows: 1.5 }).next()).rejects.toThrow(/whole number/);
  });
});

describe("streamTable", () => {
  it("gives every row once, in order, in chunks of the asked size", async () => {
    const rows = 300_000;
    const path = join(folder.path, "long.csv");
    const file = createWriteStream(path);
    file.write("i,word,x\n");
    for (let from = 0; from < rows; from += 10_000) {
      let text = "";
      for (let i = from; i < from + 10_000; i++) text += `${i},w${i % 7},${i / 8}\n`;
      file.write(text);
    }
    await new Promise<void>((done) => file.end(done));
    const sizes: number[] = [];
    let next = 0;
    for await (const { columns, rowCount } of streamTable(path, { chunkRows: 7000 })) {
      const [i, word, x] = columns;
      for (let row = 0; row < rowCount; row++, next++) {
        if (i!.values[row] !== next || word!.values[row] !== `w${next % 7}` || x!.values[row] !== next / 8) {
          throw new Error(`row ${next} is wrong`);
        }
      }
      sizes.push(rowCount);
    }
    expect(next).toBe(rows);
    expect(sizes).toEqual([...Array(42).fill(7000), 6000]);
    expect(await describeTable(path)).toEqual({
      columns: [
        { name: "i", kind: "numeric" },
        { name: "word", kind: "categorical" },
        { name: "x", kind: "numeric" },
      ],
      rowCount: rows,
    });
  });

  it("does not hold a long source in memory", async () => {
    const sql = "select range as a, range * 2.0 as b, 'label ' || (range % 100) as c from range(6000000)";
    let rows = 0;
    let base = 0;
    let peak = 0;
    for await (const table of streamTable({ sql }, { chunkRows: 50_000 })) {
      rows += table.rowCount;
      if (rows === 500_000) base = process.memoryUsage().rss;
      if (rows > 500_000) peak = Math.max(peak, process.memoryUsage().rss);
    }
    expect(rows).toBe(6_000_000);
    // All of it would be 96 MB of float64 alone, beside 6 million strings.
    expect(peak - base).toBeLessThan(90e6);
  });

  it("can be left early and aborted", async () => {
    const sql = "select range as a from range(100000000)";
    for await (const table of streamTable({ sql }, { chunkRows: 100 })) {
      expect(table.rowCount).toBe(100);
      break;
    }
    const controller = new AbortController();
    const reading = async (): Promise<void> => {
      for await (const _ of streamTable({ sql }, { chunkRows: 100, signal: controller.signal }))
        controller.abort();
    };
    await expect(reading()).rejects.toThrow(/abort/i);
    await expect(readTable({ sql }, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});
