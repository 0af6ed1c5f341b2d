import { platform } from "#platform";
import { openSession, type Session, type SessionOptions } from "./session.js";

/** Fewer rows are not worth a call of their own, or another session. */
const LEAST_ROWS = 1024;

/** More sessions of one program take more memory than they save time. */
const MOST_LANES = 8;

/** Calls that each session of a program has before it, where there are rows enough: their ends are then close together. */
const CALLS_PER_LANE = 4;

/** Calls that are made of a session at a time: while it works on one, the other's rows are copied. */
const CALLS_AHEAD = 2;

export interface LaneOptions extends Pick<SessionOptions, "outputs" | "graphOptimization"> {
  /**
   * Whether batches run side by side in sessions of few threads, or one after the other on all threads. Side by side suits programs of many small steps, which share out
   * poorly among threads, and small enough to be opened once a thread. Default false.
   */
  readonly sideBySide?: boolean;
  /** Rows that are about to be worked through, for which all sessions are opened at once. Default 0: one. */
  readonly rows?: number;
}

/** An open program that works through many rows. Close it, or declare it with `await using`. */
export interface Lanes {
  /**
   * Calls `work(session, from, to)` for runs of rows that make up 0 … rows, of at most `batchSize`
   * rows: in their order, but several at once where batches run side by side. Rejects with the first
   * error, or the signal's reason, once the calls under way have ended.
   */
  forEachBatch(
    rows: number,
    batchSize: number,
    work: (session: Session, from: number, to: number) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Waits for the calls under way, then frees the program. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens a program for many rows. Rejects as `openSession` does. */
export async function openLanes(bytes: Uint8Array, options: LaneOptions = {}): Promise<Lanes> {
  const { sideBySide = false, rows: expected = 0, ...rest } = options;
  const { cores } = platform;
  const lanes = sideBySide ? Math.min(cores, MOST_LANES) : 1;
  const threads = Math.floor(cores / lanes);
  const open = (lane: number) => openSession(bytes, { ...rest, threads, lane });
  const sessions: Promise<Session>[] = [];
  const openUpTo = (count: number) => {
    while (sessions.length < count) sessions.push(open(sessions.length));
  };
  openUpTo(Math.max(1, Math.min(lanes, Math.floor(expected / LEAST_ROWS))));
  // A failure of one is a failure of all.
  await Promise.all(sessions);

  async function close(): Promise<void> {
    const opened = await Promise.allSettled(sessions.splice(0));
    await Promise.all(
      opened.map((result) => (result.status === "fulfilled" ? result.value.close() : undefined)),
    );
  }

  return {
    async forEachBatch(rows, batchSize, work, signal) {
      const needed = Math.ceil(rows / batchSize);
      const worthwhile = Math.max(needed, Math.floor(rows / LEAST_ROWS));
      const wanted = Math.max(needed, sideBySide ? CALLS_PER_LANE * lanes : 1);
      // As many batches in every lane, all of about one size.
      const batches = Math.min(worthwhile, Math.ceil(wanted / lanes) * lanes);
      const boundary = (batch: number) => Math.floor((batch * rows) / batches);
      let next = 0;
      const errors: unknown[] = [];
      const runLane = async (opening: Promise<Session>): Promise<void> => {
        try {
          const session = await opening;
          while (next < batches && errors.length === 0) {
            signal?.throwIfAborted();
            const batch = next++;
            await work(session, boundary(batch), boundary(batch + 1));
          }
        } catch (error) {
          errors.push(error);
        }
      };
      const used = Math.min(lanes, batches);
      openUpTo(used);
      const calls = Array.from({ length: CALLS_AHEAD }, () => sessions.slice(0, used).map(runLane));
      await Promise.all(calls.flat());
      if (errors.length > 0) throw errors[0];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
