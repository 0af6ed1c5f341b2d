// Every detector on every ADBench set under SURPRISAL_DATA, under both published protocols:
//   npm run bench:tabular -- [--detectors a,b] [--sets thyroid,cardio] [--protocols semi,unsupervised]
//                            [--seeds 5] [--out FOLDER] [--published FILE.csv] [--pages]
// Writes results.csv, prints the mean AUROC of each detector, beside the published ones where a
// file of those is given, and with --pages puts its table into each detector's page.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { auroc, averagePrecision, detectors } from "surprisal";
import { writePages } from "./pages.mjs";
import { loadSet, sets, split } from "./protocols.mjs";
import { readPublished } from "./published.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { values } = parseArgs({
  options: {
    detectors: { type: "string", default: Object.keys(detectors).join(",") },
    sets: { type: "string", default: sets.map((name) => name.replace("adbench/", "")).join(",") },
    protocols: { type: "string", default: "semi,unsupervised" },
    seeds: { type: "string", default: "5" },
    out: { type: "string", default: join(root, "out", "tabular") },
    published: { type: "string" },
    pages: { type: "boolean", default: false },
  },
});

const list = (text) => text.split(",").filter(Boolean);
const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);

await mkdir(values.out, { recursive: true });
const results = [];
for (const short of list(values.sets)) {
  const set = await loadSet(`adbench/${short}`);
  for (const protocol of list(values.protocols)) {
    for (const name of list(values.detectors)) {
      const runs = [];
      for (const seed of seeds) {
        const { training, test, labels } = split(set, protocol, seed);
        const began = performance.now();
        try {
          const model = await detectors[name]({ seed, calibration: 0 }).fit(training);
          const fitted = performance.now();
          const { scores } = await model.score(test);
          const scored = performance.now();
          await model.close();
          runs.push({
            auroc: auroc(labels, scores),
            ap: averagePrecision(labels, scores),
            fit: (fitted - began) / 1000,
            score: (scored - fitted) / 1000,
          });
        } catch (error) {
          console.error(`${short}, ${protocol}, ${name}, seed ${seed}: ${error.message}`);
        }
      }
      if (runs.length === 0) continue;
      const row = { set: short, protocol, detector: name, seeds: runs.length };
      for (const key of ["auroc", "ap", "fit", "score"]) row[key] = mean(runs.map((run) => run[key]));
      row.deviation = Math.sqrt(mean(runs.map((run) => (run.auroc - row.auroc) ** 2)));
      results.push(row);
      console.error(
        `${short.padEnd(14)} ${protocol.padEnd(13)} ${name.padEnd(26)} AUROC ${row.auroc.toFixed(4)} ± ${row.deviation.toFixed(4)}  fit ${row.fit.toFixed(2)} s  score ${row.score.toFixed(2)} s`,
      );
    }
  }
}

const header = ["set", "protocol", "detector", "seeds", "auroc", "deviation", "ap", "fit", "score"];
const lines = results.map((row) => header.map((key) => row[key]).join(","));
await writeFile(join(values.out, "results.csv"), `${[header.join(","), ...lines].join("\n")}\n`);

const published = values.published ? readPublished(await readFile(values.published, "utf8")) : undefined;
for (const protocol of list(values.protocols)) {
  console.log(`\n${protocol}: mean AUROC over ${list(values.sets).length} sets, ${seeds.length} seeds`);
  for (const name of list(values.detectors)) {
    const rows = results.filter((row) => row.protocol === protocol && row.detector === name);
    if (rows.length === 0) continue;
    const ours = mean(rows.map((row) => row.auroc));
    const pairs = rows.flatMap((row) => {
      const theirs = published?.(row.set, name, protocol);
      return theirs === undefined ? [] : [[row.auroc, theirs]];
    });
    const beside =
      pairs.length === 0
        ? ""
        : `   on ${pairs.length} published sets: ours ${mean(pairs.map(([a]) => a)).toFixed(4)}, published ${mean(pairs.map(([, b]) => b)).toFixed(4)}`;
    console.log(`${name.padEnd(28)} ${ours.toFixed(4)}${beside}`);
  }
}
if (values.pages)
  await writePages(
    root,
    results,
    `npm run bench:tabular -- --seeds ${values.seeds} --sets ${values.sets} --pages`,
  );
