// Makes the bundled samples (packages/surprisal/samples) from the original files under SURPRISAL_DATA.
// Run after a build: SURPRISAL_DATA=<folder> node scripts/make-samples.mjs
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readIdx, readNpz, writeNpz } from "../packages/surprisal/dist/data/index.js";

const data = process.env.SURPRISAL_DATA;
if (!data) throw new Error("Set SURPRISAL_DATA to the folder of the original data sets.");
const samples = new URL("../packages/surprisal/samples/", import.meta.url).pathname;
await mkdir(join(samples, "LICENSES"), { recursive: true });

const thyroid = ["age", "TSH", "T3", "TT4", "T4U", "FTI"];
const cardio = [
  ...["LB", "AC", "FM", "UC", "DL", "DS", "DP", "ASTV", "MSTV", "ALTV", "MLTV"],
  ...["Width", "Min", "Max", "Nmax", "Nzeros", "Mode", "Mean", "Median", "Variance", "Tendency"],
];

async function table(source, names, target) {
  const arrays = await readNpz(join(data, "tabular/adbench", source));
  const { data: values, shape } = arrays.get("X");
  const labels = arrays.get("y").data;
  const [rows, width] = shape;
  if (width !== names.length) throw new Error(`${source} has ${width} columns, not ${names.length}.`);
  let text = `${[...names, "class"].join(",")}\n`;
  for (let i = 0; i < rows; i++) {
    text += `${[...values.subarray(i * width, (i + 1) * width), labels[i]].join(",")}\n`;
  }
  await writeFile(join(samples, target), text);
}

await table("38_thyroid.npz", thyroid, "thyroid.csv");
await table("6_cardio.npz", cardio, "cardio.csv");

const folder = join(data, "images/fashion-mnist");
async function firstRows(file, rows) {
  const { data: values, shape } = await readIdx(join(folder, file));
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return { data: values.slice(0, rows * size), shape: [rows, ...shape.slice(1)] };
}
await writeNpz(join(samples, "fashion-mnist-sample.npz"), {
  x_train: await firstRows("train-images-idx3-ubyte.gz", 2000),
  y_train: await firstRows("train-labels-idx1-ubyte.gz", 2000),
  x_test: await firstRows("t10k-images-idx3-ubyte.gz", 500),
  y_test: await firstRows("t10k-labels-idx1-ubyte.gz", 500),
});

for (const licence of ["ADBench-LICENSE.txt", "fashion-mnist-LICENSE.txt"]) {
  await copyFile(join(data, "LICENSES", licence), join(samples, "LICENSES", licence));
}
