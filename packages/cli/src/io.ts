/** Where a command writes text. A process stream is one, and so is any `Writable`. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command sees of the world. */
export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts the running command; its reason becomes the exit code (see {@link Interrupted}). */
  readonly signal?: AbortSignal;
}

/** Writes text and waits until the stream takes more, so that output never piles up in memory. */
export async function write(stream: OutputStream, text: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (stream.write(text)) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => () => {
      stream.removeListener("drain", onDrain);
      stream.removeListener("close", onDrain);
      signal?.removeEventListener("abort", onAbort);
      act();
    };
    const onDrain = settle(resolve);
    const onAbort = settle(() => reject(signal!.reason));
    stream.once("drain", onDrain);
    stream.once("close", onDrain);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
