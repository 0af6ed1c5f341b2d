// Puts the measured table into each detector's page, between its markers.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

function tableOf(name, results) {
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
    `AUROC, mean ± deviation of ${seeds} seeds, default options, \`npm run bench:tabular -- --pages\`:`,
    "",
    "| ADBench set | half of the normals train | unsupervised |",
    "|---|---|---|",
    ...setNames.map((set) => `| ${set} | ${cell(set, "semi")} | ${cell(set, "unsupervised")} |`),
    `| **mean** | ${total("semi")} | ${total("unsupervised")} |`,
  ].join("\n");
}

export async function writePages(root, results) {
  for (const name of new Set(results.map((row) => row.detector))) {
    const page = join(root, "packages", "surprisal", "src", "detectors", name, "README.md");
    const text = await readFile(page, "utf8");
    const [start, end] = [`<!-- benchmark: ${name} -->`, "<!-- end of benchmark -->"];
    const [before, after = ""] = text.split(start);
    const rest = after.includes(end) ? after.slice(after.indexOf(end) + end.length) : after;
    await writeFile(page, `${before}${start}\n\n${tableOf(name, results)}\n\n${end}${rest}`);
  }
}
