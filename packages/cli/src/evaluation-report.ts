import { stat } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { basename } from "node:path";
import { version } from "surprisal";
import { reportSection, writeReport } from "surprisal/report";
import type { Evaluation } from "./commands/evaluate.js";

/** Writes the report of one evaluation as one HTML page. */
export async function writeEvaluationReport(
  path: string,
  { model, path: file, data, samples, labels, scores, metrics, seconds }: Evaluation,
  signal: AbortSignal | undefined,
): Promise<void> {
  const section = await reportSection({
    model,
    samples,
    scores,
    labels,
    dataset: data,
    threshold: metrics.threshold,
    file: { name: basename(file), bytes: (await stat(file)).size },
    scoreSeconds: seconds,
    ...(signal === undefined ? {} : { signal }),
  });
  await writeReport(path, {
    title: `${model.name} on ${data}`,
    generatedAt: new Date().toISOString().slice(0, 10),
    sections: [section],
    environment: {
      surprisal: version,
      node: process.version,
      machine: `${platform()} ${arch()}, ${cpus().length} cores`,
    },
  });
}
