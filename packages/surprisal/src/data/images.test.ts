import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTestFolder, type TestFolder } from "./folder.test.helper.js";
import { encodeIdx } from "./idx.js";
import { decodeImage, readImages } from "./images.js";
import type { NDArray } from "./ndarray.js";
import { encodeNpy } from "./npy.js";
import { readNpz, writeNpz } from "./npz.js";
import { readData } from "./read-data.js";

let folder: TestFolder;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => folder.remove());

const samples = await readNpz(
  fileURLToPath(new URL("../../samples/fashion-mnist-sample.npz", import.meta.url)),
  ["x_test", "y_test"],
);
const pictures = samples.get("x_test")!;
const classes = samples.get("y_test")!;

const picture = (i: number): Uint8Array => Uint8Array.from(pictures.data.slice(i * 784, (i + 1) * 784));

const greyPng = (i: number): Promise<Buffer> =>
  sharp(picture(i), { raw: { width: 28, height: 28, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();

/** Writes the first n test pictures as PNG files under the numbers of their classes. */
async function writePictures(n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    const name = join(folder.path, `class-${classes.data[i]}`);
    await mkdir(name, { recursive: true });
    await writeFile(join(name, `${String(i).padStart(3, "0")}.png`), await greyPng(i));
  }
}

describe("readImages", () => {
  it("reads real pictures in sub-folders with their labels, in a fixed order", async () => {
    await writePictures(40);
    const { array, labels, classes: names, files } = await readImages(folder.path);
    expect(array.shape).toEqual([40, 28, 28, 1]);
    expect(files).toEqual([...files].sort());
    expect(names).toEqual([...new Set(files.map((file) => file.split("/")[0]!))]);
    files.forEach((file, row) => {
      const i = Number(file.slice(-7, -4));
      expect(names![labels![row]!]).toBe(`class-${classes.data[i]}`);
      expect(Buffer.from(array.data.slice(row * 784, (row + 1) * 784)).equals(picture(i)), file).toBe(true);
    });
  });

  it("brings images to a size and number of channels", async () => {
    await folder.file("a.png", await greyPng(0));
    await folder.file(
      "b.jpg",
      await sharp({ create: { width: 40, height: 20, channels: 3, background: "red" } })
        .jpeg()
        .toBuffer(),
    );
    await folder.file(
      "c.webp",
      await sharp({ create: { width: 5, height: 9, channels: 4, background: "#0000" } })
        .webp()
        .toBuffer(),
    );
    await folder.file("notes.txt", "no image");
    await folder.file(".hidden.png", "no image");
    await expect(readImages(folder.path)).rejects.toThrow(/b\.jpg" is 20 x 40 pixels.*size: \[28, 28\]/s);
    const { array, files, labels } = await readImages(folder.path, { size: [8, 6], channels: 3 });
    expect(array.shape).toEqual([3, 8, 6, 3]);
    expect(files).toEqual(["a.png", "b.jpg", "c.webp"]);
    expect(labels).toBeUndefined();
    const [red, green, blue] = array.data.slice(8 * 6 * 3, 8 * 6 * 3 + 3);
    expect(red).toBeGreaterThan(250);
    expect(Math.max(green!, blue!)).toBeLessThan(5);
    expect(Math.max(...array.data.slice(2 * 8 * 6 * 3))).toBe(0);
    const white = await readImages(folder.path, { size: 4, channels: 1, background: "white" });
    expect([...white.array.data.slice(32)]).toEqual(Array(16).fill(255));
  });

  it("names the damaged file", async () => {
    const whole = await greyPng(1);
    await folder.file("a.png", await greyPng(0));
    await folder.file("b.png", whole.subarray(0, whole.length / 2));
    await expect(readImages(folder.path)).rejects.toThrow(/b\.png" cannot be read as an image/);
    await folder.file("b.png", "garbage");
    await expect(readImages(folder.path)).rejects.toThrow(/b\.png" cannot be read/);
  });

  it("refuses folders without images, of mixed depth, and wrong options", async () => {
    await expect(readImages(folder.path)).rejects.toThrow(/holds no images/);
    await writePictures(1);
    await folder.file("loose.png", await greyPng(0));
    await expect(readImages(folder.path)).rejects.toThrow(/"loose\.png".*sub-folders/);
    await expect(readImages(folder.path, { size: 0 })).rejects.toThrow(/size/);
    await expect(readImages(folder.path, { channels: 2 as never })).rejects.toThrow(/channels/);
    await expect(readImages(folder.path, { fit: "crop" as never })).rejects.toThrow(/"crop"/);
    await expect(readImages(folder.path, { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  it("refuses an image that claims more pixels than allowed", async () => {
    const png = Buffer.from(await greyPng(0));
    png.writeUInt32BE(100_000, 16);
    png.writeUInt32BE(100_000, 20);
    await expect(decodeImage(png)).rejects.toThrow(/cannot be read as an image/);
  });

  it("reads 16-bit grey as 8-bit grey", async () => {
    const deep = await sharp(Uint16Array.of(0, 65535, 257 * 100, 257 * 7), {
      raw: { width: 2, height: 2, channels: 1 },
    })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    const { data, shape } = await decodeImage(deep);
    expect(shape).toEqual([2, 2, 1]);
    expect([...data]).toEqual([0, 255, 100, 7]);
  });
});

describe("readData", () => {
  const square: NDArray = { data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 2, 2] };
  const bits: NDArray = { data: Uint8Array.of(1, 0), shape: [2] };

  it("reads each kind by its name", async () => {
    const csv = await readData(await folder.file("t.csv", "a,b\n1,2\n"));
    expect(csv).toMatchObject({ kind: "table", name: "t", table: { rowCount: 1 } });
    expect(await readData(await folder.file("a.npy", encodeNpy(square)))).toEqual({
      kind: "array",
      name: "a",
      array: square,
    });
    await folder.file("t10k-labels-idx1-ubyte.gz", gzipSync(encodeIdx(bits)));
    const idx = await readData(await folder.file("t10k-images-idx3-ubyte.gz", gzipSync(encodeIdx(square))));
    expect(idx).toEqual({ kind: "array", name: "t10k-images-idx3-ubyte", array: square, labels: bits.data });
    expect(await readData(await folder.file("b.png", await greyPng(0)))).toMatchObject({
      array: { shape: [1, 28, 28, 1] },
    });
    await mkdir(join(folder.path, "pictures"));
    await writeFile(join(folder.path, "pictures", "x.png"), await greyPng(0));
    expect(await readData(join(folder.path, "pictures"))).toMatchObject({
      name: "pictures",
      array: { shape: [1, 28, 28, 1] },
    });
  });

  it("finds the array and the labels of an archive", async () => {
    const path = join(folder.path, "a.npz");
    await writeNpz(path, { X: square, y: bits, extra: bits });
    expect(await readData(path)).toEqual({ kind: "array", name: "a", array: square, labels: bits.data });
    expect(await readData(path, { array: "extra", labels: "y" })).toMatchObject({ array: bits });
    await expect(readData(path, { array: "nothing" })).rejects.toThrow(/no array "nothing".*X, y, extra/);
    await expect(readData(path, { labels: "nothing" })).rejects.toThrow(/"nothing" of labels/);
    await writeNpz(path, { one: square });
    expect(await readData(path)).toEqual({ kind: "array", name: "a", array: square });
    await writeNpz(path, { one: square, two: square });
    await expect(readData(path)).rejects.toThrow(/one, two/);
    await writeNpz(path, { X: square, y: { data: Float64Array.of(1, 2.5), shape: [2] } });
    await expect(readData(path)).rejects.toThrow(/row 2 is 2\.5/);
    await writeNpz(path, { X: square, y: { data: new Uint8Array(3), shape: [3] } });
    await expect(readData(path)).rejects.toThrow(/3 labels for 2 rows/);
  });

  it("explains what it does not know", async () => {
    await expect(readData(await folder.file("a.docx", "x"))).rejects.toThrow(/of no known kind.*\.npz/);
    await expect(readData(join(folder.path, "a.doc"))).rejects.toThrow(/Did you mean/);
  });
});
