/**
 * A worker must not be ended inside a call of ONNX Runtime: the native library then aborts the
 * whole process. The two ends share two words: the worker counts the calls it is inside, the owner says
 * when it shall not enter again. Without shared memory (a page that is not isolated) there is only
 * WebAssembly, which can be ended anywhere, and no guard.
 */
const INSIDE = 0;
const STOPPED = 1;

export type Guard = Int32Array<SharedArrayBuffer>;

export function createGuard(): Guard | undefined {
  if (typeof SharedArrayBuffer === "undefined") return undefined;
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Worker's side: runs a task that calls ONNX Runtime. Never returns once the owner said stop. */
export async function insideGuard<T>(guard: Guard | undefined, task: () => Promise<T>): Promise<T> {
  if (!guard) return task();
  Atomics.add(guard, INSIDE, 1);
  try {
    if (Atomics.load(guard, STOPPED) === 0) return await task();
  } finally {
    Atomics.sub(guard, INSIDE, 1);
    Atomics.notify(guard, INSIDE);
  }
  return new Promise<never>(() => {});
}

/** Owner's side: the worker is gone, wherever it was. */
export function abandonGuard(guard: Guard | undefined): void {
  if (guard) Atomics.store(guard, INSIDE, 0);
}

/** Owner's side: resolves when the worker is outside of ONNX Runtime and will not enter again. */
export async function closeGuard(guard: Guard | undefined): Promise<void> {
  if (!guard) return;
  Atomics.store(guard, STOPPED, 1);
  while (Atomics.load(guard, INSIDE) > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The same at the end of the process, where nothing asynchronous runs any more. */
export function closeGuardSync(guard: Guard | undefined, timeoutMs: number): void {
  if (!guard) return;
  Atomics.store(guard, STOPPED, 1);
  const deadline = performance.now() + timeoutMs;
  for (let inside = Atomics.load(guard, INSIDE); inside > 0; inside = Atomics.load(guard, INSIDE)) {
    if (Atomics.wait(guard, INSIDE, inside, deadline - performance.now()) === "timed-out") return;
  }
}
