// The main job: fits three detectors on a bundled table and on bundled images, saves each as an
// ONNX file, scores rows they have not seen, prints the figures and writes a report.
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ecod, isolationForest, load, loadDataset, summarize, takeRows, vae } from "surprisal";
import { reportSection, writeReport } from "surprisal/report";

const out = join(dirname(dirname(fileURLToPath(import.meta.url))), "out");

/** Thyroid patients: half of the healthy ones to learn from, everybody else to score. */
async function thyroid() {
  const { table, y } = await loadDataset("thyroid");
  const healthy = [...y.keys()].filter((row) => y[row] === 0);
  const training = healthy.filter((_, i) => i % 2 === 0);
  const learned = new Set(training);
  const test = [...y.keys()].filter((row) => !learned.has(row));
  return {
    name: "thyroid",
    what: "thyroid patients",
    training: takeRows(table, training),
    test: takeRows(table, test),
    labels: Uint8Array.from(test, (row) => y[row]),
    detectors: [ecod(), isolationForest({ seed: 1 }), vae({ seed: 1 })],
  };
}

/** Fashion-MNIST: footwear is normal (sandal 5, sneaker 7, ankle boot 9), all else is not. */
async function footwear() {
  const { X, y, test } = await loadDataset("fashion-mnist-sample");
  const isFootwear = (label) => [5, 7, 9].includes(label);
  const [, ...shape] = X.shape;
  const size = shape.reduce((a, b) => a * b, 1);
  const rows = [...y.keys()].filter((row) => isFootwear(y[row]));
  const data = new Uint8Array(rows.length * size);
  for (const [i, row] of rows.entries()) data.set(X.data.subarray(row * size, (row + 1) * size), i * size);
  return {
    name: "footwear",
    what: "Fashion-MNIST images, footwear as normal",
    training: { data, shape: [rows.length, ...shape] },
    test: test.X,
    labels: Uint8Array.from(test.y, (label) => (isFootwear(label) ? 0 : 1)),
    detectors: [ecod(), isolationForest({ seed: 1 }), vae({ seed: 1, epochs: 60 })],
  };
}

async function run(study, detector) {
  const { name, training, test, labels } = study;
  let shown = 0;
  const onProgress = ({ stage, fraction }) => {
    if (performance.now() - shown < 2000) return;
    shown = performance.now();
    process.stderr.write(`  ${detector.name}: ${stage}, ${Math.round(100 * fraction)} %\n`);
  };
  const fitted = await detector.fit(training, { source: name, onProgress });
  const file = join(out, `${name}-${detector.name}.onnx`);
  await fitted.save(file);
  await fitted.close();

  const model = await load(file);
  const started = performance.now();
  const scores = await model.score(test);
  const seconds = (performance.now() - started) / 1000;
  const metrics = summarize(labels, scores.scores, model.threshold);
  const section = await reportSection({
    model,
    samples: test,
    scores,
    labels,
    dataset: study.what,
    file: { name: `${name}-${detector.name}.onnx`, bytes: model.bytes.length },
    scoreSeconds: seconds,
  });
  await model.close();
  return { metrics, section, fit: model.metadata.training.seconds, score: seconds };
}

const columns = ["auroc", "ap", "threshold", "precision", "recall", "f1"];
const digits = (x) => x.toPrecision(3).padStart(10);

await mkdir(out, { recursive: true });
const began = performance.now();
const sections = [];
for (const study of [await thyroid(), await footwear()]) {
  const anomalies = study.labels.reduce((sum, label) => sum + label, 0);
  console.log(`\n${study.what}: ${study.labels.length} rows to score, ${anomalies} of them anomalies`);
  console.log(
    `${"detector".padEnd(18)}${[...columns, "fit s", "score s"].map((c) => c.padStart(10)).join("")}`,
  );
  for (const detector of study.detectors) {
    const { metrics, section, fit, score } = await run(study, detector);
    sections.push(section);
    const figures = [...columns.map((column) => metrics[column]), fit, score];
    console.log(`${detector.name.padEnd(18)}${figures.map(digits).join("")}`);
  }
}
const report = join(out, "report.html");
await writeReport(report, {
  title: "Surprisal: three detectors on a table and on images",
  generatedAt: new Date().toISOString().slice(0, 10),
  sections,
  environment: { node: process.version, machine: `${process.platform} ${process.arch}` },
});
console.log(`\nModels and report are in ${out}; open ${report}`);
console.log(`Done in ${((performance.now() - began) / 1000).toFixed(1)} s`);
