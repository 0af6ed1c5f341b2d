// Every example of the documentation is run: TypeScript blocks as modules, and each command of a
// shell block, in a folder with real data under the names that the examples use.
import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { openTableWriter, readTable } from "surprisal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const samples = join(root, "packages", "surprisal", "samples");
let folder;

async function pages() {
  const detectors = join(root, "packages", "surprisal", "src", "detectors");
  const folders = (await readdir(detectors, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const guides = (await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md"));
  return [
    join(root, "README.md"),
    ...guides.map((name) => join(root, "docs", name)),
    ...folders.map(({ name }) => join(detectors, name, "README.md")),
  ];
}

/** The fenced blocks of a page in the given language, with the line each starts at. */
function blocks(text, language) {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm");
  return [...text.matchAll(pattern)].map((match) => ({
    code: match[1],
    line: text.slice(0, match.index).split("\n").length,
  }));
}

/** Commands of a shell block; a backslash continues a line, and comments are passed over. */
const commands = (code) =>
  code
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("#"));

function execute(program, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"], shell: false });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.stderr.on("data", (data) => {
      output += data;
    });
    child.on("close", (code) => resolve({ code, output }));
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "surprisal-docs-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await copyFile(join(samples, "thyroid.csv"), join(folder, "data.csv"));
  await copyFile(join(samples, "thyroid.csv"), join(folder, "test.csv"));
  const table = await readTable(join(samples, "thyroid.csv"));
  const columns = table.columns.map(({ name, kind }) => ({ name, kind }));
  const writer = await openTableWriter(join(folder, "new.parquet"), columns);
  await writer.write(table);
  await writer.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const texts = await Promise.all(
  (await pages()).map(async (page) => ({ page, text: await readFile(page, "utf8") })),
);

const withExamples = texts.filter(({ text }) => /^```(ts|sh)$/m.test(text));

describe.each(withExamples)("$page", ({ page, text }) => {
  const name = relative(root, page);

  it.each(blocks(text, "ts"))(
    `runs the TypeScript example of ${name}, line $line`,
    async ({ code, line }) => {
      const file = join(folder, `${name.replaceAll(/[^a-z]/gi, "-")}-${line}.mjs`);
      await writeFile(file, code);
      const { code: status, output } = await execute(process.execPath, [file], folder);
      expect(status, output).toBe(0);
    },
  );

  it.each(blocks(text, "sh"))(`runs the commands of ${name}, line $line`, async ({ code }) => {
    await mkdir(join(folder, "images"), { recursive: true });
    const surprisal = join(root, "packages", "cli", "bin", "surprisal.js");
    for (const command of commands(code)) {
      const match = /^npx surprisal (.*)$/.exec(command);
      expect(match, `a command the test does not know: ${command}`).not.toBeNull();
      const args = [...match[1].matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3]);
      const { code: status, output } = await execute(process.execPath, [surprisal, ...args], folder);
      expect(status, `${command}\n${output}`).toBe(0);
    }
  });
});
