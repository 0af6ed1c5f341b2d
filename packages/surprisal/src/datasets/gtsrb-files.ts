import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readImageFiles } from "../data/images.js";
import { readTable } from "../data/read-table.js";
import { statOrExplain } from "../data/source.js";
import { columnNamed } from "../data/table-parts.js";
import { SurprisalError } from "../errors.js";
import type { LabelledImages } from "./dataset.js";
import type { ImageParts } from "./image-parts.js";

interface SignList {
  readonly paths: readonly string[];
  readonly y: readonly number[];
}

/** The images of one list: `Filename;Width;Height;Roi.X1;…;ClassId`. */
async function listed(csv: string, images: string, signal?: AbortSignal): Promise<SignList> {
  const table = await readTable(csv, { format: "csv", ...(signal && { signal }) });
  const names = table.columns.map(({ name }) => name);
  for (const wanted of ["Filename", "ClassId"]) {
    if (names.includes(wanted)) continue;
    throw new SurprisalError(
      `"${csv}" has no column "${wanted}"; it has ${names.join(", ")}. The test images need GT-final_test.csv, which has the classes.`,
    );
  }
  const labels = columnNamed(table, "ClassId").values;
  return {
    paths: Array.from(columnNamed(table, "Filename").values as ArrayLike<string>, (name) =>
      join(images, name),
    ),
    y: Array.from(labels as ArrayLike<number>, (value, row) => {
      if (Number.isInteger(value) && value >= 0 && value <= 42) return value;
      throw new SurprisalError(`"${csv}": the class of row ${row + 1} is ${value}, not 0 to 42.`);
    }),
  };
}

async function loadSigns(
  lists: readonly SignList[],
  size: number,
  signal?: AbortSignal,
): Promise<LabelledImages> {
  const paths = lists.flatMap((list) => list.paths);
  const X = await readImageFiles(paths, { size, channels: 3, ...(signal && { signal }) });
  return { X, y: Uint8Array.from(lists.flatMap(({ y }) => y)) };
}

/**
 * Reads the German traffic sign recognition benchmark as it is published: `Final_Training/Images/00000`
 * to `00042` with PPM images and `GT-00000.csv` in each, `Final_Test/Images` with PPM images, and
 * `GT-final_test.csv` there or above. The whole pictures are stretched to the size.
 * @throws SurprisalError naming the file or column that is missing or damaged
 */
export async function readGtsrb(
  folder: string,
  options: { readonly size?: number; readonly signal?: AbortSignal } = {},
): Promise<ImageParts> {
  const { size = 32, signal } = options;
  const training = join(folder, "Final_Training", "Images");
  await statOrExplain(training);
  const classes = (await readdir(training)).filter((name) => /^\d{5}$/.test(name)).sort();
  if (classes.length === 0) throw new SurprisalError(`"${training}" has no folders 00000 to 00042.`);
  const lists: SignList[] = [];
  for (const name of classes) {
    const images = join(training, name);
    lists.push(await listed(join(images, `GT-${name}.csv`), images, signal));
  }
  const test = join(folder, "Final_Test", "Images");
  await statOrExplain(test);
  const inside = (await readdir(test)).includes("GT-final_test.csv");
  const truth = inside ? join(test, "GT-final_test.csv") : join(folder, "GT-final_test.csv");
  return {
    ...(await loadSigns(lists, size, signal)),
    test: await loadSigns([await listed(truth, test, signal)], size, signal),
  };
}
