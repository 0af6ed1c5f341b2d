import { Interrupted, OutputClosed } from "./faults.js";
import { run } from "./main.js";

/** Milliseconds that a command has to end by itself after an abort. */
const grace = 800;

const controller = new AbortController();

function abort(reason: Interrupted | OutputClosed, exitCode: number): void {
  if (controller.signal.aborted) process.exit(exitCode);
  controller.abort(reason);
  setTimeout(() => process.exit(exitCode), grace).unref();
}

for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    const reason = new Interrupted(name);
    abort(reason, reason.exitCode);
  });
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // The reader went away (`surprisal score ... | head`): nothing more is wanted.
    if (error.code === "EPIPE") abort(new OutputClosed("the reader closed the output"), 0);
    else throw error;
  });
}

const code = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: controller.signal,
});
// Whatever is still buffered for a slow reader goes out before the end.
await Promise.all(
  [process.stdout, process.stderr].map(
    (stream) =>
      new Promise<void>((resolve) => (stream.writable ? stream.write("", () => resolve()) : resolve())),
  ),
);
process.exit(code);
