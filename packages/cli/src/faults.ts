import { SurprisalError } from "surprisal";

/** The exit codes of every command. */
export const exitCodes = { success: 0, failure: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

/** A command that was not called as it must be: wrong name, option, value or configuration. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The reason of an abort by a signal of the operating system. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: number;

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(signal === "SIGINT" ? "interrupted" : "terminated");
    this.exitCode = signal === "SIGINT" ? exitCodes.interrupted : exitCodes.terminated;
  }
}

/** The reason of an abort because the reader of the standard output went away. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** What is told of an error. */
export interface Fault {
  readonly kind: "usage" | "failure" | "interrupted" | "internal";
  readonly exitCode: number;
  readonly message: string;
  readonly hint?: string;
}

const systemFaults: Readonly<Record<string, { what: string; hint: string }>> = {
  ENOSPC: { what: "no space left on the device", hint: "Free some space, or write to another disk." },
  EDQUOT: { what: "the disk quota is used up", hint: "Free some space, or write to another disk." },
  EACCES: { what: "permission denied", hint: "Check the permissions of the file and of its folder." },
  EPERM: { what: "not permitted", hint: "Check the permissions of the file and of its folder." },
  EROFS: { what: "the file system is read-only", hint: "Write to another folder." },
  ENOENT: { what: "no such file or folder", hint: "Check the path; folders are not made." },
  ENOTDIR: { what: "a part of the path is not a folder", hint: "Check the path." },
  EISDIR: { what: "it is a folder", hint: "Give the path of a file." },
  EMFILE: { what: "too many open files", hint: "Close some programs, or raise the limit (ulimit -n)." },
};

/** Options that the library names in its own words, and the flags that are meant. */
const flagHints: readonly (readonly [RegExp, string])[] = [
  [/\bkinds: \{/, "On the command line: --na TEXT for a missing value, --categorical COLUMN for categories."],
  [/\bheader: (true|false)/, "On the command line: --headerless says that the first line is data."],
  [/\bmissing: "median"/, "On the command line: --missing median."],
];

/** The error, or the nearest of its causes, that the operating system reported. */
function systemError(error: unknown): NodeJS.ErrnoException | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    if (code !== undefined && Object.hasOwn(systemFaults, code)) return at;
  }
  return undefined;
}

/** What to tell of anything that was thrown, and the exit code it stands for. */
export function faultOf(error: unknown): Fault {
  if (error instanceof UsageError) {
    const { message, hint } = error;
    return { kind: "usage", exitCode: exitCodes.usage, message, ...(hint === undefined ? {} : { hint }) };
  }
  if (error instanceof Interrupted) {
    return { kind: "interrupted", exitCode: error.exitCode, message: error.message };
  }
  if (error instanceof SurprisalError) {
    const { message } = error;
    const hint = flagHints.find(([said]) => said.test(message))?.[1];
    return { kind: "failure", exitCode: exitCodes.failure, message, ...(hint === undefined ? {} : { hint }) };
  }
  const system = systemError(error);
  if (system !== undefined) {
    const { what, hint } = systemFaults[system.code!]!;
    const where = system.path === undefined ? "" : `"${system.path}": `;
    return { kind: "failure", exitCode: exitCodes.failure, message: `${where}${what}`, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: "internal",
    exitCode: exitCodes.failure,
    message: `unexpected error: ${message.split("\n")[0]}`,
    hint: "This is a fault of surprisal. SURPRISAL_DEBUG=1 prints where it happened; please report it.",
  };
}
