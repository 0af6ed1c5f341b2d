// One class of images is normal, the others are anomalous: Deep SVDD beside its network before training and
// beside a one-class support vector machine on the features of the same autoencoder.
//   npm run bench:one-class -- --settings full|quick [--digits 0,1] [--seeds 1] [--objective oneClass]
//     [--results FILE.jsonl] [--pages]
// Trains on all training images of the digit, tests on all 10,000 test images. Results of earlier runs in
// the file are kept, so that a stopped run goes on.
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { auroc, deepSvdd, loadDataset, ocSvm } from "surprisal";
import { list, refuseUnknown } from "../arguments.mjs";
import { writePart } from "../pages.mjs";

const settings = {
  published: { pretrainingEpochs: 150, epochs: 150, learningRate: 1e-4, milestones: [50] },
  full: { pretrainingEpochs: 15, epochs: 15, learningRate: 1e-3 },
  quick: { pretrainingEpochs: 2, epochs: 3, learningRate: 1e-3 },
};

const { values } = parseArgs({
  options: {
    settings: { type: "string", default: "quick" },
    digits: { type: "string", default: "0,1,2,3,4,5,6,7,8,9" },
    seeds: { type: "string", default: "1" },
    objective: { type: "string", default: "oneClass" },
    results: { type: "string", default: "" },
    pages: { type: "boolean", default: false },
  },
});
const root = fileURLToPath(new URL("../..", import.meta.url));
refuseUnknown([values.settings], Object.keys(settings), "setting");
const digits = list(values.digits).map(Number);
const seeds = list(values.seeds).map(Number);
const chosen = { objective: values.objective, ...settings[values.settings] };

/** Published AUROC of Deep SVDD, digit by digit (Ruff et al. 2018). */
const published = [0.98, 0.997, 0.917, 0.919, 0.949, 0.885, 0.983, 0.946, 0.939, 0.965];

const mnist = await loadDataset("mnist");

function imagesOf(digit) {
  const rows = Array.from(mnist.y.keys()).filter((i) => mnist.y[i] === digit);
  const data = new Uint8Array(rows.length * 784);
  rows.forEach((row, i) => {
    data.set(mnist.X.data.subarray(row * 784, (row + 1) * 784), i * 784);
  });
  return { data, shape: [rows.length, 28, 28, 1] };
}

const common = { calibration: 0, threshold: { rule: "value", value: 0 } };

async function measure(digit, seed) {
  const X = imagesOf(digit);
  const labels = Uint8Array.from(mnist.test.y, (value) => Number(value !== digit));
  const clock = process.cpuUsage();
  const network = { body: "mnistLenet", pretrainingWeightDecay: 0.5e-3, seed, ...common };
  const reconstructionLoss = [];
  const model = await deepSvdd({ ...network, ...chosen, keepPretrained: true }).fit(X);
  const { summary, history } = model.metadata.training;
  reconstructionLoss.push(summary.firstReconstructionLoss, summary.lastReconstructionLoss);
  const outputs = ["pretrained_code", "pretrained_distance"];
  const scored = await model.score(mnist.test.X, { outputs });
  const { user, system } = process.cpuUsage(clock);
  const untrained = await deepSvdd({ ...network, pretrainingEpochs: 0, epochs: 0 }).fit(X);
  const features = (await model.score(X, { outputs })).outputs.pretrained_code;
  const machine = await ocSvm({ seed, ...common }).fit(features);
  const scores = {
    "deep-svdd": scored.scores,
    pretrained: scored.outputs.pretrained_distance.data,
    untrained: (await untrained.score(mnist.test.X)).scores,
    "oc-svm": (await machine.score(scored.outputs.pretrained_code)).scores,
  };
  await Promise.all([model, untrained, machine].map((fitted) => fitted.close()));
  return {
    ...chosen,
    digit,
    seed,
    rows: X.shape[0],
    seconds: (user + system) / 1e6,
    reconstructionLoss,
    loss: history.map(({ loss }) => Number(loss.toPrecision(4))),
    spread: [summary.outputSpreadBefore, summary.outputSpread],
    auroc: Object.fromEntries(Object.entries(scores).map(([name, of]) => [name, auroc(labels, of)])),
  };
}

const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Results of the same settings in the file. */
async function earlier() {
  const text = values.results === "" ? "" : await readFile(values.results, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter((result) => Object.keys(chosen).every((key) => isSame(result[key], chosen[key])));
}

const results = await earlier();
for (const seed of seeds) {
  for (const digit of digits) {
    if (results.some((result) => result.digit === digit && result.seed === seed)) continue;
    const result = await measure(digit, seed);
    results.push(result);
    console.error(JSON.stringify(result));
    if (values.results !== "") {
      await mkdir(dirname(values.results), { recursive: true });
      await appendFile(values.results, `${JSON.stringify(result)}\n`);
    }
  }
}

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const methods = ["deep-svdd", "untrained", "pretrained", "oc-svm"];
const titles = [
  "Deep SVDD",
  "untrained network",
  "pretrained network",
  "OC-SVM on its features",
  "published Deep SVDD",
];

function table() {
  const rows = digits.map((digit) => {
    const own = results.filter((result) => result.digit === digit && seeds.includes(result.seed));
    return [digit, ...methods.map((name) => mean(own.map((result) => result.auroc[name]))), published[digit]];
  });
  const columns = titles.map((_, i) => mean(rows.map((row) => row[i + 1])));
  const cell = (value) =>
    typeof value === "number" && !Number.isInteger(value) ? value.toFixed(3) : `${value}`;
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [
    line(["digit", ...titles]),
    line(["---", ...titles.map(() => "---:")]),
    ...rows.map((row) => line([row[0], ...row.slice(1).map((value) => value.toFixed(3))].map(cell))),
    line(["**mean**", ...columns.map((value) => `**${value.toFixed(3)}**`)]),
  ].join("\n");
}

const { epochs, pretrainingEpochs, learningRate } = chosen;
const seconds = mean(results.filter(({ seed }) => seeds.includes(seed)).map((result) => result.seconds));
const some = digits.length < 10 ? ` --digits ${values.digits}` : "";
const command = `npm run bench:one-class -- --settings ${values.settings}${some}${seeds.length > 1 ? ` --seeds ${seeds.join(",")}` : ""}${values.objective === "oneClass" ? "" : ` --objective ${values.objective}`} --pages`;
const part = `MNIST: one digit is normal${digits.length < 10 ? `; of the ten only ${digits.join(", ")} measured` : ""}. Trained on all its training images, tested on the 10,000 test images, of which the other nine digits are the anomalies. AUROC, ${seeds.length > 1 ? `mean of the seeds ${seeds.join(", ")}` : `seed ${seeds[0]}`}, objective ${values.objective}, body mnistLenet (7,272 parameters), ${pretrainingEpochs} epochs of pretraining and ${epochs} of training at a learning rate of ${learningRate} (published: 150, 150 and 1e-4), by \`${command}\`:

${table()}

Published: Ruff et al. 2018. OC-SVM: \`ocSvm()\` with its defaults on the code of the same pretrained autoencoder. About ${Math.round(seconds)} s of processor time to fit and score one digit (${availableParallelism()} threads).`;
console.log(part);
if (values.pages) await writePart(root, "deep-svdd", "benchmark", "Benchmark", part);
