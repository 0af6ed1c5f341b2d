import type { HostTensor } from "../tensor/index.js";
import type { Backend } from "./platform.js";

/** An input or output of an open program. */
export interface SessionValue {
  readonly name: string;
  /** As numpy names it; a program may have outputs of types that have no `DType`, such as `float16`. */
  readonly dtype: string;
  /** A number, or the name of a symbolic dimension (empty where the file gives none). */
  readonly dims: readonly (number | string)[];
  /** Inputs only: it may be left out of the feeds. */
  readonly hasDefault: boolean;
}

export type GraphOptimization = "all" | "disabled";

export interface OpenRequest {
  readonly type: "open";
  readonly session: number;
  readonly bytes: Uint8Array;
  readonly threads: number;
  readonly graphOptimization: GraphOptimization;
}

export interface RunRequest {
  readonly type: "run";
  readonly session: number;
  readonly feeds: Readonly<Record<string, HostTensor>>;
  readonly outputs: readonly string[];
}

interface CloseRequest {
  readonly type: "close";
  readonly session: number;
}

interface InfoRequest {
  readonly type: "info";
}

export interface OpenReply {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
}

interface InfoReply {
  readonly backend: Backend;
  readonly version: string;
  readonly fallbackReason?: string;
}

/** Every request with its reply. */
export interface Replies {
  open: OpenReply;
  run: Record<string, HostTensor>;
  close: undefined;
  info: InfoReply;
}

export type Request = OpenRequest | RunRequest | CloseRequest | InfoRequest;

/** What comes back for the call `id`: a value, or the message of an error. */
export type Reply =
  | { readonly id: number; readonly value: Replies[keyof Replies] }
  | { readonly id: number; readonly error: string };
