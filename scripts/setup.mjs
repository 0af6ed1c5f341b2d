// Installs the locked dependencies when they are not there, or older than the lock file.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`Surprisal needs Node 20 or newer; this is ${process.version}.`);
  process.exit(1);
}

const installed = join(root, "node_modules", ".package-lock.json");
const locked = join(root, "package-lock.json");
const isCurrent = existsSync(installed) && statSync(installed).mtimeMs >= statSync(locked).mtimeMs;
if (!isCurrent) {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const shell = process.platform === "win32";
  const { status } = spawnSync(npm, ["ci"], { cwd: root, stdio: "inherit", shell });
  if (status !== 0) process.exit(status ?? 1);
}
