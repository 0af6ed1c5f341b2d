// What the tabular benchmarks share: the data sets, the Python side, a table on the terminal.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readNpz } from "surprisal/data";

const python = fileURLToPath(new URL("../.venv/bin/python", import.meta.url));
const script = fileURLToPath(new URL("reference.py", import.meta.url));

/** The ADBench files in SURPRISAL_DATA, those of the given names or all, by size. */
export function adbenchFiles(names = []) {
  const root = process.env.SURPRISAL_DATA;
  const folder = root && join(root, "tabular", "adbench");
  if (!folder || !existsSync(folder)) {
    throw new Error("set SURPRISAL_DATA to a folder that holds tabular/adbench/*.npz");
  }
  const files = readdirSync(folder).filter((file) => file.endsWith(".npz"));
  const chosen = files.filter((file) => names.length === 0 || names.some((name) => file.includes(name)));
  return chosen.map((file) => ({ name: file.replace(/^\d+_|\.npz$/g, ""), path: join(folder, file) }));
}

/** Rows and labels of a file. */
export async function readLabelled(path) {
  const arrays = await readNpz(path);
  const x = arrays.get("X");
  return { x, labels: Float64Array.from(arrays.get("y").data, Number) };
}

/** Starts the Python side. `ask` sends one request and waits for its answer. */
export function startReference() {
  if (!existsSync(python)) throw new Error("run benchmarks/setup.sh first");
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`the Python side ended while asked for ${request.op}`);
      return JSON.parse(value);
    },
    stop: () => child.stdin.end(),
  };
}

/** Prints rows of cells in columns. */
export function printTable(header, rows) {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  for (const row of cells) {
    console.log(
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "),
    );
  }
}
