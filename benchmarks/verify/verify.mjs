// Writes one file for every kind of detector and data, and has Python check each: ONNX's own
// checker, and the scores of Python's onnxruntime beside those of Node.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { alignRows, toFeeds } from "../../packages/surprisal/dist/detector/feeds.js";
import { readSamples } from "../../packages/surprisal/dist/detector/samples.js";
import { portableCases } from "../../packages/surprisal/dist/testing/portable-cases.js";

const here = dirname(fileURLToPath(import.meta.url));
const python = join(dirname(here), ".venv", "bin", "python");
if (!existsSync(python)) {
  console.error("There is no Python environment; make it with: bash benchmarks/setup.sh reference");
  process.exit(1);
}

const listed = ({ dtype, shape, data }) => ({ dtype, shape, data: Array.from(data) });
const folder = await mkdtemp(join(tmpdir(), "surprisal-verify-"));
try {
  for (const [i, { name, detector, training, test }] of portableCases.entries()) {
    const model = await detector.fit(training);
    const path = join(folder, `${i}.onnx`);
    await model.save(path);
    const { scores, pValues, isAnomaly, outputs } = await model.score(test, {
      outputs: model.metadata.outputs,
    });
    const rows = alignRows(readSamples(test), model.metadata.input);
    const feeds = toFeeds(rows, model.metadata.input, 0, rows.rowCount);
    const expected = {
      score: Array.from(scores),
      p_value: Array.from(pValues),
      is_anomaly: isAnomaly.map(Number),
      ...Object.fromEntries(Object.entries(outputs).map(([key, tensor]) => [key, Array.from(tensor.data)])),
    };
    const inputs = Object.fromEntries(Object.entries(feeds).map(([key, tensor]) => [key, listed(tensor)]));
    await writeFile(join(folder, `${i}.json`), JSON.stringify({ name, inputs, expected }));
    await model.close();
  }
  const { status } = spawnSync(python, [join(here, "verify.py"), folder], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
