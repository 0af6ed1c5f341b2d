import type { InferenceSession } from "onnxruntime-node";
import { platform } from "#platform";
import { separateDefaults } from "../onnx/defaults.js";
import type { HostTensor } from "../tensor/index.js";
import { type Guard, insideGuard } from "./guard.js";
import { createOrtSession, fromOrtTensor, toOrtTensor } from "./ort-session.js";
import type { LoadedRuntime } from "./platform.js";
import type {
  OpenReply,
  OpenRequest,
  Replies,
  Reply,
  Request,
  RunRequest,
  SessionValue,
} from "./protocol.js";
import type { GuardMessage } from "./worker.js";

/** The worker's side of the pool: opens programs and runs them, one call after another. */
interface OpenProgram {
  readonly session: InferenceSession;
  readonly defaults: ReadonlyMap<string, HostTensor>;
}

const programs = new Map<number, OpenProgram>();
let guard: Guard | undefined;
let runtime: Promise<LoadedRuntime> | undefined;
let queue: Promise<unknown> = Promise.resolve();

function loadRuntime(): Promise<LoadedRuntime> {
  runtime ??= platform.loadRuntime();
  return runtime;
}

function sessionValues(
  metadata: readonly InferenceSession.ValueMetadata[],
  defaults: ReadonlyMap<string, HostTensor>,
): SessionValue[] {
  return metadata.map((value) => {
    if (!value.isTensor) throw new Error(`${value.name} is not a tensor, which is not supported`);
    return {
      name: value.name,
      dtype: value.type,
      dims: [...value.shape],
      hasDefault: defaults.has(value.name),
    };
  });
}

async function openProgram(request: OpenRequest): Promise<OpenReply> {
  const { bytes, defaults } = separateDefaults(request.bytes);
  const session = await createOrtSession(await loadRuntime(), bytes, request);
  programs.set(request.session, { session, defaults });
  return {
    inputs: sessionValues(session.inputMetadata, defaults),
    outputs: sessionValues(session.outputMetadata, new Map()),
  };
}

async function runProgram(request: RunRequest): Promise<Record<string, HostTensor>> {
  const program = programs.get(request.session);
  if (!program) throw new Error("the session is closed");
  const loaded = await loadRuntime();
  const feeds = Object.fromEntries([
    ...[...program.defaults].map(([name, value]) => [name, toOrtTensor(loaded, value)] as const),
    ...Object.entries(request.feeds).map(([name, value]) => [name, toOrtTensor(loaded, value)] as const),
  ]);
  const results = await program.session.run(feeds, request.outputs);
  return Object.fromEntries(
    request.outputs.map((name) => [
      name,
      fromOrtTensor(results[name] as InferenceSession.ReturnType[string]),
    ]),
  );
}

async function closeProgram(session: number): Promise<undefined> {
  await programs.get(session)?.session.release();
  programs.delete(session);
  return undefined;
}

async function answer(request: Request): Promise<Replies[keyof Replies]> {
  switch (request.type) {
    case "open":
      return openProgram(request);
    case "run":
      return runProgram(request);
    case "close":
      return closeProgram(request.session);
    case "info": {
      const { backend, version, fallbackReason } = await loadRuntime();
      return fallbackReason === undefined ? { backend, version } : { backend, version, fallbackReason };
    }
  }
}

/** The buffers of a reply that can be handed over instead of copied. */
function buffersOf(value: Replies[keyof Replies]): ArrayBuffer[] {
  const buffers = Object.values(value ?? {}).flatMap((tensor: Partial<HostTensor>) =>
    ArrayBuffer.isView(tensor?.data) && tensor.data.buffer instanceof ArrayBuffer ? [tensor.data.buffer] : [],
  );
  return [...new Set(buffers)];
}

async function serve(id: number, request: Request): Promise<void> {
  try {
    const value = await insideGuard(guard, () => answer(request));
    platform.parent.post({ id, value } satisfies Reply, request.type === "run" ? buffersOf(value) : []);
  } catch (error) {
    platform.parent.post({
      id,
      error: error instanceof Error ? error.message : String(error),
    } satisfies Reply);
  }
}

platform.parent.onMessage((message) => {
  if ((message as GuardMessage).type === "guard") {
    guard = (message as GuardMessage).guard;
    return;
  }
  const { id, request } = message as { id: number; request: Request };
  queue = queue.then(() => serve(id, request));
});
