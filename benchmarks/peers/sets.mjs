// The data of the comparison: shuttle and cover of ADBench, and a set of the size of its mnist.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomStream } from "@surprisal/engine";
import { loadDataset } from "surprisal";

const NORMAL_DIGIT = 0;
const ANOMALOUS_DIGIT = 6;
const ANOMALIES = 700;

async function adbench(name) {
  const { table } = await loadDataset(`adbench/${name}`);
  const columns = table.columns.map(({ values }) => values);
  const data = new Float64Array(table.rowCount * columns.length);
  columns.forEach((values, column) => {
    for (let row = 0; row < table.rowCount; row++) data[row * columns.length + column] = values[row];
  });
  return { data, rows: table.rowCount, columns: columns.length };
}

/**
 * ADBench's mnist, 7,603 rows of 100 columns, is made of these images: every 0, and 700 of the 6.
 * Its columns are 100 pixels; here they are the means of 2 x 2 pixels of the middle 20 x 20, which
 * the digits fill.
 */
async function mnist() {
  const { X, y, test } = await loadDataset("mnist");
  const chosen = [];
  let anomalies = 0;
  for (const part of [{ X, y }, test]) {
    part.y.forEach((digit, row) => {
      const isAnomaly = digit === ANOMALOUS_DIGIT && anomalies < ANOMALIES;
      if (isAnomaly) anomalies++;
      if (digit === NORMAL_DIGIT || isAnomaly) chosen.push({ pixels: part.X.data, start: row * 784 });
    });
  }
  const data = new Float64Array(chosen.length * 100);
  chosen.forEach(({ pixels, start }, row) => {
    for (let cell = 0; cell < 100; cell++) {
      const at = start + (4 + 2 * Math.floor(cell / 10)) * 28 + 4 + 2 * (cell % 10);
      data[row * 100 + cell] = (pixels[at] + pixels[at + 1] + pixels[at + 28] + pixels[at + 29]) / 4;
    }
  });
  return { data, rows: chosen.length, columns: 100 };
}

const loaders = { shuttle: () => adbench("shuttle"), mnist, cover: () => adbench("cover") };

export const setNames = Object.keys(loaders);

/** Writes a set as raw float64 rows into a folder, at most `limit` of them, drawn at random. */
export async function writeSet(name, folder, limit = Number.POSITIVE_INFINITY) {
  const { data, rows, columns } = await loaders[name]();
  const order = randomStream(1, `peers/${name}`).permutation(rows);
  const kept = Math.min(limit, rows);
  const chosen = new Float64Array(kept * columns);
  for (let row = 0; row < kept; row++) {
    chosen.set(data.subarray(order[row] * columns, (order[row] + 1) * columns), row * columns);
  }
  const file = join(folder, `${name}.f64`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, chosen);
  return { name, file, shape: [kept, columns] };
}
