// Isolation forest beside scikit-learn's: AUROC on the ADBench sets, mean of 5 seeds, of which each gives both
// sides the same trees but for rounding, then the time on shuttle, the two sides taking turns in one run.
//   SURPRISAL_DATA=... node benchmarks/isolation-forest/bench.mjs [--time] [--seeds=5] [set ...]
import { isolationForest } from "surprisal";
import { auroc } from "surprisal/metrics";
import { refuseUnknown } from "../arguments.mjs";
import { fileOf, loadSet, matrixOf, printTable, sets, startReference } from "../tabular/adbench.mjs";

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
refuseUnknown(names, sets, "set");
const seedCount = Number(process.argv.find((argument) => argument.startsWith("--seeds="))?.slice(8) ?? 5);
const seeds = Array.from({ length: seedCount }, (_, seed) => seed);
// All rows are fitted and scored, as scikit-learn does: none are held out for p-values.
const options = { calibration: 0, threshold: { rule: "value", value: 0.5 } };
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values) =>
  mean(values.map((value) => (value - mean(values)) ** 2)) / (1 - 1 / values.length);
const seconds = async (work) => {
  const start = performance.now();
  const result = await work();
  return [(performance.now() - start) / 1000, result];
};

async function compareAuroc(reference) {
  const rows = [];
  for (const name of names.length > 0 ? names : sets) {
    const { table, labels } = await loadSet(name);
    const x = matrixOf(table);
    const ours = [];
    for (const seed of seeds) {
      const model = await isolationForest({ seed, ...options }).fit(x);
      ours.push(auroc(labels, (await model.score(x)).scores));
      await model.close();
    }
    const theirs = (await reference.ask({ op: "isolationForest", file: fileOf(name), seeds })).auroc;
    rows.push({
      name,
      shape: x.shape.join(" x "),
      ours: mean(ours),
      theirs: mean(theirs),
      deviation: Math.sqrt(variance(ours)),
      worst: Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]))),
    });
    console.error(`${name}: ${mean(ours).toFixed(4)} ${mean(theirs).toFixed(4)}`);
  }
  printTable(
    ["set", "rows x columns", "AUROC", "deviation", "scikit-learn", "difference", "of any seed"],
    rows.map(({ name, shape, ours, theirs, deviation, worst }) => {
      const figures = [ours, deviation, theirs, ours - theirs, worst];
      return [name, shape, ...figures.map((value) => value.toFixed(4))];
    }),
  );
  const worst = Math.max(...rows.map(({ ours, theirs }) => Math.abs(ours - theirs)));
  console.log(`largest difference ${worst.toFixed(4)} (limit 0.01)\n`);
}

async function compareTime(reference) {
  const x = matrixOf((await loadSet("shuttle")).table);
  const single = { data: Float32Array.from(x.data), shape: x.shape };
  const times = { fit: [], score: [], theirFit: [], theirScore: [] };
  for (let turn = 0; turn < 9; turn++) {
    const [fit, model] = await seconds(() => isolationForest({ seed: turn, ...options }).fit(single));
    const [score] = await seconds(() => model.score(single));
    await model.close();
    const theirs = await reference.ask({ op: "isolationForestTime", file: fileOf("shuttle"), seed: turn });
    times.fit.push(fit);
    times.score.push(score);
    times.theirFit.push(theirs.fit);
    times.theirScore.push(theirs.score);
  }
  const best = Object.fromEntries(Object.entries(times).map(([key, values]) => [key, Math.min(...values)]));
  const row = (what, ours, theirs) => {
    return [what, (1000 * ours).toFixed(1), (1000 * theirs).toFixed(1), `${(theirs / ours).toFixed(2)} x`];
  };
  console.log(`shuttle, ${x.shape.join(" x ")}, best of ${times.fit.length} turns, milliseconds`);
  printTable(
    ["", "surprisal", "scikit-learn", "ratio"],
    [
      row("fit", best.fit, best.theirFit),
      row("score", best.score, best.theirScore),
      row("fit and score", best.fit + best.score, best.theirFit + best.theirScore),
    ],
  );
}

const reference = startReference();
console.log(JSON.stringify({ node: process.version, ...(await reference.ask({ op: "versions" })) }));
if (!process.argv.includes("--time")) await compareAuroc(reference);
await compareTime(reference);
reference.stop();
