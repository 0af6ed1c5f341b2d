import type { KdTree, TreeNeighbours } from "./kd-tree.js";

/** What a tree worker is asked. */
export type TreeRequest =
  | { readonly type: "build"; readonly rows: Float32Array; readonly columns: number }
  | { readonly type: "load"; readonly tree: KdTree }
  | {
      readonly type: "search";
      readonly k: number;
      readonly from: number;
      readonly to: number;
      readonly step: number;
    };

/** What it answers: the tree it built, nothing, or the neighbours it found. */
export interface TreeReplies {
  build: KdTree;
  load: undefined;
  search: TreeNeighbours;
}

export type TreeReply = { readonly value: TreeReplies[keyof TreeReplies] } | { readonly error: string };
