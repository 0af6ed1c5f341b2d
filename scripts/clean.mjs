// Removes compiled files, so that no test of a deleted source is run.
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
for (const name of ["engine", "surprisal", "cli"]) {
  rmSync(join(root, "packages", name, "dist"), { recursive: true, force: true });
}
