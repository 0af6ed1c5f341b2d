import { platform } from "#platform";
import type { HostTensor } from "../tensor/index.js";
import { checkFeeds, copyFeeds } from "./feeds.js";
import { acquireWorker, callWorker, type PoolWorker, releaseWorker } from "./pool.js";
import type { GraphOptimization, OpenReply, SessionValue } from "./protocol.js";

export interface SessionOptions {
  /** Threads of one call, 1 or more; default: all cores. Programs of fewer threads run side by side. */
  readonly threads?: number;
  /**
   * Programs of different lanes are opened apart, so that their calls run side by side. Default 0:
   * the same bytes share one program, whose calls run one after another.
   */
  readonly lane?: number;
  /** ONNX Runtime's own rewriting of the graph; default `"all"`. Training programs want `"disabled"`. */
  readonly graphOptimization?: GraphOptimization;
  /** The outputs that `run` computes and returns; default: all. */
  readonly outputs?: readonly string[];
}

export interface RunOptions {
  /**
   * Gives the feeds' arrays away, which spares a copy: they are empty afterwards. Only arrays that
   * have a buffer of their own are given away. Default false.
   */
  readonly handOver?: boolean;
  /** The outputs of this call; default: all that the session has. */
  readonly outputs?: readonly string[];
}

/** An open program. Close it, or declare it with `await using`. */
export interface Session {
  readonly inputs: readonly SessionValue[];
  /** All outputs of the program, also those that `run` leaves out. */
  readonly outputs: readonly SessionValue[];
  /**
   * Runs the program once, in a worker: the calling thread goes on. The feeds are copied at once,
   * unless they are handed over.
   * Rejects with a `TypeError` or `RangeError` that names the input when the feeds do not fit, and
   * with an `Error` when ONNX Runtime fails or the worker is lost; the next call starts afresh.
   */
  run(feeds: Readonly<Record<string, HostTensor>>, options?: RunOptions): Promise<Record<string, HostTensor>>;
  /** Waits for the calls under way, then frees the program unless it is open elsewhere too. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A program open in a worker, shared by all sessions of the same bytes and options. */
interface Program {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly threads: number;
  readonly graphOptimization: GraphOptimization;
  users: number;
  opened: { readonly worker: PoolWorker; readonly head: Promise<OpenReply> } | undefined;
}

const cache = new Map<string, Program[]>();
let programs = 0;

/** Words of a program that its hash looks at. */
const HASHED_WORDS = 1 << 14;

const wordsOf = (bytes: Uint8Array<ArrayBuffer>) => new Uint32Array(bytes.buffer, 0, bytes.length >>> 2);

/** FNV-1a over 32-bit words, evenly spread where there are many; equal hashes are then compared in full. */
function hash(bytes: Uint8Array<ArrayBuffer>): number {
  const words = wordsOf(bytes);
  const step = Math.max(1, Math.floor(words.length / HASHED_WORDS));
  let h = 0x811c9dc5 ^ bytes.length;
  for (let i = 0; i < words.length; i += step) h = Math.imul(h ^ words[i]!, 0x01000193);
  return h >>> 0;
}

function sameBytes(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): boolean {
  if (a.length !== b.length) return false;
  const [words, others] = [wordsOf(a), wordsOf(b)];
  for (let i = 0; i < words.length; i++) if (words[i] !== others[i]) return false;
  for (let i = 4 * words.length; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function findProgram(
  bytes: Uint8Array,
  threads: number,
  graphOptimization: GraphOptimization,
  lane: number,
): Program {
  const copy = new Uint8Array(bytes);
  const key = `${hash(copy)} ${threads} ${graphOptimization} ${lane}`;
  const bucket = cache.get(key) ?? [];
  cache.set(key, bucket);
  let program = bucket.find((entry) => sameBytes(entry.bytes, copy));
  if (!program) {
    program = { id: programs++, bytes: copy, threads, graphOptimization, users: 0, opened: undefined };
    bucket.push(program);
  }
  return program;
}

function forgetProgram(program: Program): void {
  for (const [key, bucket] of cache) {
    if (!bucket.includes(program)) continue;
    bucket.splice(bucket.indexOf(program), 1);
    if (bucket.length === 0) cache.delete(key);
  }
}

/** Opens the program in a worker unless it is; a lost worker is replaced. */
function ensureOpen(program: Program): { worker: PoolWorker; head: Promise<OpenReply> } {
  if (program.opened && !program.opened.worker.isGone) return program.opened;
  const worker = acquireWorker(program.threads);
  const { id, bytes, threads, graphOptimization } = program;
  const opened = {
    worker,
    head: callWorker(worker, { type: "open", session: id, bytes, threads, graphOptimization }),
  };
  program.opened = opened;
  opened.head.catch(() => {
    releaseWorker(worker);
    if (program.opened === opened) program.opened = undefined;
  });
  return opened;
}

async function leave(program: Program): Promise<void> {
  program.users--;
  if (program.users > 0) return;
  forgetProgram(program);
  const opened = program.opened;
  program.opened = undefined;
  if (!opened || opened.worker.isGone) return;
  try {
    await callWorker(opened.worker, { type: "close", session: program.id });
  } finally {
    releaseWorker(opened.worker);
  }
}

function checkThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`threads must be a whole number from 1, got ${threads}`);
  }
}

function checkOutputs(outputs: readonly string[], known: readonly SessionValue[]): void {
  const names = known.map((value) => value.name);
  const wrong = outputs.find((name) => !names.includes(name));
  if (wrong === undefined) return;
  const list = names.map((name) => JSON.stringify(name)).join(", ");
  throw new RangeError(`the program has no output ${JSON.stringify(wrong)}; its outputs are ${list}`);
}

/**
 * Opens an ONNX program in a worker thread. The same bytes with the same options share one
 * underlying session.
 *
 * @param bytes an `.onnx` file.
 * Rejects with an `Error` when the bytes are not an ONNX model or ONNX Runtime refuses it, and
 * with a `RangeError` for a wrong option.
 */
export async function openSession(bytes: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const { threads = platform.cores, graphOptimization = "all", lane = 0 } = options;
  checkThreads(threads);
  const program = findProgram(bytes, threads, graphOptimization, lane);
  program.users++;
  let head: OpenReply;
  try {
    head = await ensureOpen(program).head;
    checkOutputs(options.outputs ?? [], head.outputs);
  } catch (error) {
    await leave(program);
    throw error;
  }
  const outputs = options.outputs ?? head.outputs.map((value) => value.name);
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function runOnce(
    copy: ReturnType<typeof copyFeeds>,
    outputs: readonly string[],
  ): Promise<Record<string, HostTensor>> {
    const { worker, head } = ensureOpen(program);
    await head;
    const request = { type: "run", session: program.id, feeds: copy.feeds, outputs } as const;
    return callWorker(worker, request, copy.buffers);
  }

  async function close(): Promise<void> {
    closing ??= Promise.allSettled(running).then(() => leave(program));
    return closing;
  }

  return {
    inputs: head.inputs,
    outputs: head.outputs,
    async run(feeds, { handOver = false, outputs: wanted } = {}) {
      if (closing) throw new Error("the session is closed");
      checkFeeds(head.inputs, feeds);
      if (wanted) checkOutputs(wanted, head.outputs);
      const call = runOnce(copyFeeds(feeds, handOver), wanted ?? outputs);
      running.add(call);
      try {
        return await call;
      } finally {
        running.delete(call);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
