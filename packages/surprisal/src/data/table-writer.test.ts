import { chmod, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SurprisalError } from "../errors.js";
import { writeFileAtomically } from "./atomic-file.js";
import { makeTestFolder, type TestFolder } from "./folder.test.helper.js";
import { readTable } from "./read-table.js";
import type { Table } from "./table.js";
import { tableFromRows } from "./table-parts.js";
import { openTableWriter, writeTable } from "./table-writer.js";

let folder: TestFolder;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await folder.remove();
});

const table = tableFromRows([
  { score: 0.1, 'a, "b"': 'he said "no",\nthen left' },
  { score: null, 'a, "b"': null },
  { score: Number.POSITIVE_INFINITY, 'a, "b"': " padded " },
  { score: Number.NEGATIVE_INFINITY, 'a, "b"': "gr\u00fcn" },
  { score: 5e-324, 'a, "b"': "x" },
]);

const columns = table.columns.map(({ name, kind }) => ({ name, kind }));

/** Makes every write to a file fail as on a full disk. */
async function fillDisk(): Promise<void> {
  const handle = await open(await folder.file("probe", ""));
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  vi.spyOn(prototype, "writeFile").mockRejectedValue(full);
}

describe("openTableWriter", () => {
  it.each(["csv", "tsv", "csv.gz", "json", "json.gz", "ndjson", "parquet"])(
    "writes %s in pieces that read back",
    async (extension) => {
      const path = join(folder.path, `out.${extension}`);
      const writer = await openTableWriter(path, columns);
      await writer.write(table);
      expect((await folder.names()).includes(`out.${extension}`)).toBe(false);
      await writer.write({
        columns: table.columns.map((column) => ({ ...column, values: column.values.slice(0, 0) }) as never),
        rowCount: 0,
      });
      await writer.write(table);
      await writer.close();
      const back = await readTable(path);
      expect(back.rowCount).toBe(10);
      table.columns.forEach((column, i) => {
        expect(back.columns[i]!.name).toBe(column.name);
        expect([...back.columns[i]!.values]).toEqual([...column.values, ...column.values]);
      });
      expect(await folder.names()).toEqual([`out.${extension}`]);
    },
  );

  it("writes more rows than a vector of DuckDB holds", async () => {
    const rows = 5000;
    const values = Float64Array.from({ length: rows }, (_, i) => i / 3);
    const many: Table = { columns: [{ name: "x", kind: "numeric", values }], rowCount: rows };
    const path = join(folder.path, "many.parquet");
    await writeTable(path, many);
    expect((await readTable(path)).columns[0]!.values).toEqual(values);
  });

  it("quotes CSV as RFC 4180 says and leaves missing values empty", async () => {
    const path = join(folder.path, "out.csv");
    await writeTable(path, table);
    expect(await readFile(path, "utf8")).toBe(
      'score,"a, ""b"""\n0.1,"he said ""no"",\nthen left"\n,\ninf," padded "\n-inf,gr\u00fcn\n5e-324,x\n',
    );
  });

  it("writes JSON that JSON.parse reads", async () => {
    await writeTable(join(folder.path, "out.json"), table);
    const rows = JSON.parse(await readFile(join(folder.path, "out.json"), "utf8")) as {
      score: number | null;
    }[];
    expect(rows.map(({ score }) => score)).toEqual([0.1, null, Infinity, -Infinity, 5e-324]);
    await writeTable(join(folder.path, "out.ndjson.gz"), table);
    const lines = gunzipSync(await readFile(join(folder.path, "out.ndjson.gz")))
      .toString()
      .trim()
      .split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { score: number | null }).score)).toEqual(
      rows.map(({ score }) => score),
    );
  });

  it("writes files without rows", async () => {
    for (const [name, text] of [
      ["none.csv", 'score,"a, ""b"""\n'],
      ["none.json", "[]\n"],
      ["none.ndjson", ""],
    ] as const) {
      const writer = await openTableWriter(join(folder.path, name), columns);
      await writer.close();
      expect(await readFile(join(folder.path, name), "utf8")).toBe(text);
    }
  });

  it.each(["csv", "parquet"])(
    "leaves nothing behind when a %s is given up, and keeps the older file",
    async (extension) => {
      const path = await folder.file(`out.${extension}`, "older");
      const writer = await openTableWriter(path, columns);
      await writer.write(table);
      await writer.abort();
      await writer.abort();
      expect(await folder.names()).toEqual([`out.${extension}`]);
      expect(await readFile(path, "utf8")).toBe("older");
      await expect(writer.write(table)).rejects.toThrow(/already closed/);
    },
  );

  it("refuses other columns than it was opened with, and then leaves nothing behind", async () => {
    const writer = await openTableWriter(join(folder.path, "out.csv"), columns);
    await expect(writer.write(tableFromRows([{ score: 1 }]))).rejects.toThrow(/1 columns, the file has 2/);
    const other = await openTableWriter(join(folder.path, "out.csv"), columns);
    await expect(other.write(tableFromRows([{ score: 1, other: "x" }]))).rejects.toThrow(/"other"/);
    expect(await folder.names()).toEqual([]);
  });

  it("says that the disk is full and leaves nothing behind", async () => {
    await fillDisk();
    const before = await folder.names();
    const writer = await openTableWriter(join(folder.path, "out.csv"), columns);
    await expect(writer.write(table)).rejects.toThrow(/out\.csv".*disk is full/);
    await expect(writeFileAtomically(join(folder.path, "model.bin"), "x")).rejects.toThrow(/disk is full/);
    expect(await folder.names()).toEqual(before);
  });

  it.each(["csv", "parquet"])("explains a place where a %s cannot be written", async (extension) => {
    await expect(writeTable(join(folder.path, "absent", `x.${extension}`), table)).rejects.toThrow(
      /no folder/,
    );
    await mkdir(join(folder.path, `dir.${extension}`));
    await expect(writeTable(join(folder.path, `dir.${extension}`), table)).rejects.toThrow(/is a folder/);
    await folder.file("file", "x");
    await expect(writeTable(join(folder.path, "file", `x.${extension}`), table)).rejects.toThrow(
      SurprisalError,
    );
    expect(await folder.names()).toEqual([`dir.${extension}`, "file"].sort());
  });

  it.skipIf(process.getuid?.() === 0)("explains a folder without permission", async () => {
    await chmod(folder.path, 0o500);
    await expect(writeTable(join(folder.path, "x.csv"), table)).rejects.toThrow(/permission/);
    await chmod(folder.path, 0o700);
  });

  it("refuses unknown extensions, no columns and repeated ones", async () => {
    await expect(writeTable(join(folder.path, "x.xls"), table)).rejects.toThrow(/extension/);
    await expect(writeTable(join(folder.path, "x.csv.zst"), table)).rejects.toThrow(/compression/);
    await expect(openTableWriter(join(folder.path, "x.csv"), [])).rejects.toThrow(/no columns/);
    await expect(openTableWriter(join(folder.path, "x.csv"), [columns[0]!, columns[0]!])).rejects.toThrow(
      /"score" twice/,
    );
  });
});
