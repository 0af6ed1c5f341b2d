// Puts the measured table into each detector's page, between its markers.
import { writePart } from "../pages.mjs";

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

function tableOf(name, results, command) {
  const rows = results.filter((row) => row.detector === name);
  const setNames = [...new Set(rows.map((row) => row.set))];
  const cell = (set, protocol) => {
    const row = rows.find((candidate) => candidate.set === set && candidate.protocol === protocol);
    return row ? `${row.auroc.toFixed(3)} ± ${row.deviation.toFixed(3)}` : "";
  };
  const total = (protocol) => {
    const found = rows.filter((row) => row.protocol === protocol);
    return found.length > 0 ? `**${mean(found.map((row) => row.auroc)).toFixed(3)}**` : "";
  };
  const seeds = Math.max(...rows.map((row) => row.seeds));
  return [
    `AUROC, mean ± deviation of ${seeds} seeds, default options, \`${command}\`:`,
    "",
    "| ADBench set | half of the normals train | unsupervised |",
    "|---|---|---|",
    ...setNames.map((set) => `| ${set} | ${cell(set, "semi")} | ${cell(set, "unsupervised")} |`),
    `| **mean** | ${total("semi")} | ${total("unsupervised")} |`,
  ].join("\n");
}

export async function writePages(root, results, command) {
  for (const name of new Set(results.map((row) => row.detector))) {
    await writePart(root, name, "benchmark", "Benchmark", tableOf(name, results, command));
  }
}
