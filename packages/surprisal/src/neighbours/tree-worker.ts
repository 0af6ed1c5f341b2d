import { buildKdTree, type KdTree, treeNeighbours } from "./kd-tree.js";
import type { TreeReplies, TreeReply, TreeRequest } from "./tree-protocol.js";

/** The worker's side of `TreeWorker`: holds one tree and answers one request after another. */
let tree: KdTree | undefined;

function answer(request: TreeRequest): TreeReplies[keyof TreeReplies] {
  if (request.type === "build") {
    tree = buildKdTree(request.rows, request.columns);
    return tree;
  }
  if (request.type === "load") {
    tree = request.tree;
    return undefined;
  }
  if (!tree) throw new Error("there is no tree to search");
  return treeNeighbours(tree, request.k, request.from, request.to, request.step);
}

function reply(request: TreeRequest): TreeReply {
  try {
    return { value: answer(request) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** The part of a browser's worker scope that is used. */
interface WorkerScope {
  onmessage: ((event: { data: TreeRequest }) => void) | null;
  postMessage(message: TreeReply): void;
}

if (typeof process === "object" && process.versions?.node) {
  const { parentPort } = await import("node:worker_threads");
  parentPort?.on("message", (request: TreeRequest) => parentPort.postMessage(reply(request)));
} else {
  const scope = globalThis as unknown as WorkerScope;
  scope.onmessage = ({ data }) => scope.postMessage(reply(data));
}
