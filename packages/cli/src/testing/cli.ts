import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { samplesFolder } from "surprisal";
import { run } from "../main.js";

/** The program as a user starts it. */
export const program = fileURLToPath(new URL("../../bin/surprisal.js", import.meta.url));

/** Path of a bundled sample. */
export const sample = (name: string): string => join(samplesFolder, name);

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Whether both streams say that they are a terminal. */
  readonly isTTY?: boolean;
  /** Told of everything written to the standard error. */
  readonly onStderr?: (text: string) => void;
}

function captured(isTTY: boolean, onText?: (text: string) => void) {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      onText?.(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns: 100 }), text: () => text };
}

/** Runs a command line in this process, with its output captured. */
export async function surprisal(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const { env = {}, signal, isTTY = false, onStderr } = options;
  const stdout = captured(isTTY);
  const stderr = captured(isTTY, onStderr);
  const io = {
    stdout: stdout.stream,
    stderr: stderr.stream,
    env,
    ...(signal === undefined ? {} : { signal }),
  };
  const code = await run(args, io);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** An empty folder for one test. */
export interface Workplace {
  readonly path: (name: string) => string;
  /** Names of all that lies in it, hidden files too. */
  readonly names: () => Promise<readonly string[]>;
  readonly remove: () => Promise<void>;
}

export async function openWorkplace(): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), "surprisal-cli-"));
  return {
    path: (name) => join(folder, name),
    names: async () => (await readdir(folder)).sort(),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
