import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SurprisalError } from "../errors.js";
import { makeTestFolder, type TestFolder } from "./folder.test.helper.js";
import { decodeIdx, encodeIdx, readIdx, writeIdx } from "./idx.js";
import type { NDArray, NumericArray } from "./ndarray.js";
import { decodeNpy, encodeNpy } from "./npy.js";
import { decodeNpz, encodeNpz, readNpy, readNpz, writeNpz } from "./npz.js";

interface Fixture {
  readonly cases: readonly { name: string; shape: number[]; values: number[]; base64: string }[];
  readonly specials: string;
  readonly archives: Readonly<Record<string, string>>;
  readonly archiveX: readonly number[];
  readonly refused: Readonly<Record<string, string>>;
}

// Made by benchmarks/fixtures/numpy_arrays.py with NumPy itself.
const fixturePath = fileURLToPath(new URL("../../src/data/fixtures/numpyArrays.json", import.meta.url));
const fixture = JSON.parse(await readFile(fixturePath, "utf8")) as Fixture;
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));

let folder: TestFolder;
beforeAll(async () => {
  folder = await makeTestFolder();
});
afterAll(() => folder.remove());

/** Runs what must either work or throw a SurprisalError. */
function worksOrExplains(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SurprisalError)) throw error;
  }
}

const arrays = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 0, max: 7 }),
    fc.infiniteStream(fc.double({ noNaN: true })),
  )
  .map(([shape, type, stream]): NDArray => {
    const types = [
      Uint8Array,
      Int8Array,
      Uint16Array,
      Int16Array,
      Uint32Array,
      Int32Array,
      Float32Array,
      Float64Array,
    ];
    const length = shape.reduce((a, b) => a * b, 1);
    const data: NumericArray = new types[type]!(length);
    for (let i = 0; i < length; i++) data[i] = stream.next().value as number;
    return { data, shape };
  });

describe(".npy and .npz", () => {
  it.each(fixture.cases.map((entry) => [entry.name, entry] as const))(
    "reads what NumPy writes: %s",
    (_, entry) => {
      const { data, shape } = decodeNpy(bytesOf(entry.base64));
      expect(shape).toEqual(entry.shape);
      expect([...data]).toEqual(entry.values);
    },
  );

  it("keeps NaN, infinities, minus zero and the smallest numbers", () => {
    expect([...decodeNpy(bytesOf(fixture.specials)).data]).toEqual([
      NaN,
      Infinity,
      -Infinity,
      -0,
      5e-324,
      Number.MAX_VALUE,
    ]);
  });

  it.each(["plain", "compressed"])("reads %s archives of NumPy", (name) => {
    const read = decodeNpz(bytesOf(fixture.archives[name]!));
    expect([...read.keys()]).toEqual(["X", "y"]);
    expect([...read.get("X")!.data]).toEqual(fixture.archiveX);
    expect(read.get("y")).toEqual({ data: Float64Array.of(0, 1, 0, 1), shape: [4] });
    expect([...decodeNpz(bytesOf(fixture.archives[name]!), "x", ["y"]).keys()]).toEqual(["y"]);
  });

  it.each([
    ["objects", /Python objects/],
    ["complex", /<c16/],
    ["text", /<U1/],
    ["records", /fields/],
    ["halves", /<f2/],
    ["large", /1152921504606846977/],
  ] as const)("refuses %s with the name of the array", (name, reason) => {
    expect(() => decodeNpz(bytesOf(fixture.refused[name]!), '"file.npz"')).toThrow(reason);
    expect(() => decodeNpz(bytesOf(fixture.refused[name]!), '"file.npz"')).toThrow(
      /"file\.npz": the array "a"/,
    );
  });

  it("gives back what it wrote", () => {
    fc.assert(
      fc.property(arrays, (array) => {
        expect(decodeNpy(encodeNpy(array))).toEqual(array);
        expect(decodeNpz(encodeNpz({ a: array, b: array })).get("b")).toEqual(array);
      }),
      { numRuns: 100, seed: 21 },
    );
  });

  it("writes the same bytes for the same arrays, aligned as NumPy does", async () => {
    const array = { data: Float64Array.of(1, 2, 3), shape: [3] };
    expect(encodeNpz({ a: array })).toEqual(encodeNpz({ a: array }));
    const bytes = encodeNpy(array);
    expect((bytes.length - 24) % 64).toBe(0);
    const path = join(folder.path, "a.npz");
    await writeNpz(path, { a: array });
    expect((await readNpz(path)).get("a")).toEqual(array);
    expect(await folder.names()).toContain("a.npz");
  });

  it("refuses claims of size that the bytes cannot hold", () => {
    const huge = encodeNpy({ data: new Uint8Array(4), shape: [4] });
    const text = Buffer.from(huge).toString("latin1").replace("(4,), }            ", "(4000000000000,), }");
    expect(() => decodeNpy(Buffer.from(text, "latin1"))).toThrow(/needs 4000000000000 bytes and it holds 4/);
    const overflow = Buffer.from(huge)
      .toString("latin1")
      .replace("(4,), }                    ", "(999999999999, 999999999, )");
    worksOrExplains(() => decodeNpy(Buffer.from(overflow, "latin1")));
    expect(() => decodeNpy(Buffer.from(overflow, "latin1"))).toThrow(SurprisalError);
    const archive = Buffer.from(zipSync({ "a.npy": huge }, { level: 9 }));
    // The central directory says the size at byte 24 of its entry.
    const entry = archive.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    archive.writeUInt32LE(4_000_000_000, entry + 24);
    expect(() => decodeNpz(archive)).toThrow(/"a\.npy" claims 4000000000 bytes/);
  });

  it("works or explains for garbage and for whole files with some bytes changed", () => {
    const good = [
      bytesOf(fixture.archives.compressed!),
      bytesOf(fixture.archives.plain!),
      bytesOf(fixture.cases[0]!.base64),
    ];
    const change = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(fc.constantFrom(...good), change, fc.nat(), (bytes, changes, cut) => {
        const harmed = bytes.slice(0, cut % 4 === 0 ? cut % bytes.length : bytes.length);
        for (const [place, value] of changes) if (harmed.length > 0) harmed[place % harmed.length] = value;
        worksOrExplains(() => decodeNpz(harmed));
        worksOrExplains(() => decodeNpy(harmed));
      }),
      { numRuns: 300, seed: 22 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        worksOrExplains(() => decodeNpz(bytes));
        worksOrExplains(() => decodeNpy(bytes));
        worksOrExplains(() => decodeIdx(bytes));
      }),
      { numRuns: 200, seed: 23 },
    );
  });

  it("names the file", async () => {
    await expect(readNpz(await folder.file("bad.npz", "no archive"))).rejects.toThrow(
      /bad\.npz" is not a whole/,
    );
    await expect(readNpz(await folder.file("none.npz", ""))).rejects.toThrow(/none\.npz" is empty/);
    await expect(
      readNpz(await folder.file("void.npz", zipSync({ "a.txt": new Uint8Array(3) }))),
    ).rejects.toThrow(/no arrays/);
    await expect(readNpy(await folder.file("bad.npy", "no array"))).rejects.toThrow(
      /bad\.npy" cannot be read/,
    );
    await expect(readNpz(join(folder.path, "absent.npz"))).rejects.toThrow(/does not exist/);
    await expect(readNpz(folder.path)).rejects.toThrow(/is a folder/);
  });
});

describe("IDX", () => {
  const idxArrays = arrays.filter(
    ({ data }) => !(data instanceof Uint16Array || data instanceof Uint32Array),
  );

  it("reads the layout of MNIST", () => {
    const bytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255);
    expect(decodeIdx(bytes)).toEqual({ data: Uint8Array.of(1, 2, 3, 4, 5, 255), shape: [2, 3] });
    const shorts = Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 0x01, 0x00, 0xff, 0xfe);
    expect(decodeIdx(shorts)).toEqual({ data: Int16Array.of(256, -2), shape: [2] });
    const floats = Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0);
    expect(decodeIdx(floats)).toEqual({ data: Float32Array.of(1), shape: [1] });
  });

  it("gives back what it wrote", () => {
    fc.assert(
      fc.property(idxArrays, (array) => {
        expect(decodeIdx(encodeIdx(array))).toEqual(array);
      }),
      { numRuns: 100, seed: 24 },
    );
    expect(() => encodeIdx({ data: new Uint16Array(1), shape: [1] })).toThrow(/Int32Array/);
    expect(() => encodeIdx({ data: new Uint8Array(1), shape: [2] })).toThrow(/needs 2 values/);
  });

  it("reads and writes files, gzipped or not", async () => {
    const array = { data: Uint8Array.of(1, 2, 3, 4), shape: [2, 2] };
    for (const name of ["a-idx2-ubyte", "a-idx2-ubyte.gz"]) {
      await writeIdx(join(folder.path, name), array);
      expect(await readIdx(join(folder.path, name))).toEqual(array);
    }
  });

  it("refuses truncated, foreign and lying files", async () => {
    const whole = encodeIdx({ data: new Uint8Array(1000), shape: [10, 100] });
    await expect(readIdx(await folder.file("cut", whole.subarray(0, 500)))).rejects.toThrow(
      /cut".*truncated/,
    );
    await expect(readIdx(await folder.file("cut.gz", gzipSync(whole).subarray(0, 20)))).rejects.toThrow(
      /cut\.gz" is truncated/,
    );
    await expect(readIdx(await folder.file("empty", ""))).rejects.toThrow(/empty/);
    expect(() => decodeIdx(Uint8Array.of(1, 2, 3, 4, 5))).toThrow(/does not begin/);
    const lie = Uint8Array.of(0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1);
    expect(() => decodeIdx(lie)).toThrow(/it holds 1/);
    expect(() => decodeIdx(Uint8Array.of(0, 0, 8, 3, 0))).toThrow(/header/);
  });
});
