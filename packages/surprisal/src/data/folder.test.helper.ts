import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for the files of one test file. */
export interface TestFolder {
  readonly path: string;
  readonly file: (name: string, content: string | Uint8Array) => Promise<string>;
  readonly names: () => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

/** Makes an empty folder among the temporary ones of the system. */
export async function makeTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), "surprisal-"));
  return {
    path,
    file: async (name, content) => {
      await writeFile(join(path, name), content);
      return join(path, name);
    },
    names: async () => (await readdir(path)).sort(),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
