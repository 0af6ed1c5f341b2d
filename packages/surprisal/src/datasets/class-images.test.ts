import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeTestFolder, type TestFolder } from "../data/folder.test.helper.js";
import { decodeCifar10 } from "./cifar10-files.js";
import { loadClassImages, splitClasses } from "./class-images.js";
import { readGtsrb } from "./gtsrb-files.js";
import { imageClasses } from "./super-categories.js";
import { readTinyImagenet } from "./tiny-imagenet-files.js";

let folder: TestFolder;
beforeEach(async () => {
  folder = await makeTestFolder();
  vi.stubEnv("SURPRISAL_DATA", "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder.remove();
});

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder.path, path, ".."), { recursive: true });
  await writeFile(join(folder.path, path), content);
}

/** Records whose red is their number, green 100 and blue the place of the pixel. */
function cifarRecords(labels: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * 3073);
  labels.forEach((label, i) => {
    bytes[i * 3073] = label;
    bytes.fill(i, i * 3073 + 1, i * 3073 + 1025);
    bytes.fill(100, i * 3073 + 1025, i * 3073 + 2049);
    for (let p = 0; p < 1024; p++) bytes[i * 3073 + 2049 + p] = p % 256;
  });
  return bytes;
}

const options = () => ({ folder: folder.path, cacheFolder: join(folder.path, "cache"), download: false });

describe("CIFAR-10 as published", () => {
  it("has its planes as channels, batches in order", async () => {
    for (let i = 1; i <= 5; i++) {
      await put(`images/cifar-10-batches-bin/data_batch_${i}.bin`, cifarRecords([i, 9]));
    }
    await put("images/cifar-10-batches-bin/test_batch.bin", cifarRecords([7, 0, 3]));
    const { X, y, test, whole } = await loadClassImages("cifar10", options());
    expect(whole).toBe(true);
    expect(X.shape).toEqual([10, 32, 32, 3]);
    expect([...y]).toEqual([1, 9, 2, 9, 3, 9, 4, 9, 5, 9]);
    expect([...test.y]).toEqual([7, 0, 3]);
    expect([...X.data.subarray(3072 + 3 * 33, 3072 + 3 * 33 + 3)]).toEqual([1, 100, 33]);
  });

  it("refuses what is no record, and tells of a missing batch", async () => {
    expect(() => decodeCifar10(new Uint8Array(3072))).toThrow("no whole number of records");
    expect(() => decodeCifar10(cifarRecords([3, 10]))).toThrow("the class of record 1 is 10");
    await put("images/cifar-10-batches-bin/data_batch_1.bin", cifarRecords([1]));
    await expect(loadClassImages("cifar10", options())).rejects.toThrow("data_batch_2.bin");
  });
});

const ppm = (width: number, height: number, color: readonly number[]): Uint8Array =>
  Uint8Array.from([
    ...Buffer.from(`P6\n# made for a test\n${width} ${height}\n255\n`),
    ...Array.from({ length: width * height }, () => color).flat(),
  ]);

const header = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n";

describe("GTSRB as published", () => {
  const signs = async (truth = `${header}00000.ppm;9;8;1;1;7;7;16\n00001.ppm;5;5;1;1;4;4;1\n`) => {
    for (const [label, color] of [
      [0, [200, 0, 0]],
      [12, [0, 0, 90]],
    ] as const) {
      const name = String(label).padStart(5, "0");
      const at = `images/GTSRB/Final_Training/Images/${name}`;
      await put(`${at}/00000_00000.ppm`, ppm(30, 31, color));
      await put(`${at}/00000_00001.ppm`, ppm(8, 9, color));
      await put(
        `${at}/GT-${name}.csv`,
        `${header}00000_00000.ppm;30;31;5;5;25;25;${label}\n00000_00001.ppm;8;9;1;1;7;8;${label}\n`,
      );
    }
    await put("images/GTSRB/Final_Test/Images/00000.ppm", ppm(9, 8, [0, 255, 0]));
    await put("images/GTSRB/Final_Test/Images/00001.ppm", ppm(5, 5, [0, 0, 255]));
    await put("images/GTSRB/GT-final_test.csv", truth);
  };

  it("is brought to one size, with the classes of its lists", async () => {
    await signs();
    const { X, y, test } = await loadClassImages("gtsrb", options());
    expect(X.shape).toEqual([4, 32, 32, 3]);
    expect([...y]).toEqual([0, 0, 12, 12]);
    expect([...X.data.subarray(0, 3)]).toEqual([200, 0, 0]);
    expect([...X.data.subarray(3 * 3072, 3 * 3072 + 3)]).toEqual([0, 0, 90]);
    expect([...test.y]).toEqual([16, 1]);
    expect([...test.X.data.subarray(0, 3)]).toEqual([0, 255, 0]);
  });

  it("tells of a list without classes, an unknown class, and a missing image", async () => {
    const read = () => readGtsrb(join(folder.path, "images/GTSRB"));
    await signs("Filename;Width;Height\n00000.ppm;9;8\n");
    await expect(read()).rejects.toThrow('no column "ClassId"');
    await signs(`${header}00000.ppm;9;8;1;1;7;7;43\n`);
    await expect(read()).rejects.toThrow("the class of row 1 is 43");
    await signs(`${header}00009.ppm;9;8;1;1;7;7;4\n`);
    await expect(read()).rejects.toThrow("00009.ppm");
  });
});

describe("Tiny-ImageNet as published", () => {
  const jpeg = (color: string) =>
    sharp({ create: { width: 64, height: 64, channels: 3, background: color } })
      .jpeg()
      .toBuffer();

  it("reads the wanted classes by their WordNet ids; validation images are the test part", async () => {
    const at = "images/tiny-imagenet-200";
    const ids = ["n01443537", "n02279972", "n04146614"];
    for (const id of ids) await put(`${at}/train/${id}/images/${id}_0.JPEG`, await jpeg("#ff0000"));
    for (const i of [0, 1, 2]) await put(`${at}/val/images/val_${i}.JPEG`, await jpeg("#0000ff"));
    const lines = ids.map((id, i) => `val_${i}.JPEG\t${id}\t0\t0\t9\t9\n`);
    await put(`${at}/val/val_annotations.txt`, lines.join(""));
    const read = (classes: string[]) => readTinyImagenet(join(folder.path, at), { classes });
    const { X, y, test } = await read(["n02279972", "n04146614"]);
    expect(X.shape).toEqual([2, 64, 64, 3]);
    expect([[...y], [...test.y]]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(test.X.data[2]).toBeGreaterThan(200);
    await expect(read(["n02279973"])).rejects.toThrow('Did you mean "n02279972"?');
    await put(`${at}/val/val_annotations.txt`, "val_0.JPEG n01443537\n");
    await expect(read(["n01443537"])).rejects.toThrow("line 1");
  });

  it("has all classes of the super-categories among the numbers of the whole", () => {
    expect(imageClasses("tiny-imagenet").every(({ label }) => label < 200)).toBe(true);
  });
});

describe("data sets without a test part", () => {
  it("are split in each class, the first two thirds to train", () => {
    const y = Uint8Array.from([4, 4, 4, 1, 1, 1, 4, 4, 4]);
    const { X, test, ...training } = splitClasses({ X: { data: y.slice(), shape: [9, 1, 1, 1] }, y });
    expect([...training.y]).toEqual([4, 4, 4, 4, 1, 1]);
    expect([...test.y]).toEqual([4, 4, 1]);
    expect([...X.data]).toEqual([...training.y]);
  });

  it("are the bundled sample as it is", async () => {
    const { X, test, whole } = await loadClassImages("fashion-mnist-sample");
    expect([X.shape[0], test.y.length, whole]).toEqual([2000, 500, false]);
  });
});
