import type { DType, HostTensor } from "../tensor/dtype.js";
import type { Shape } from "../tensor/shape.js";

/** The value of a node's attribute; see attribute.ts. */
export type AttributeSpec =
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "ints"; readonly value: readonly number[] }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "tensor"; readonly value: HostTensor }
  | { readonly type: "graph"; readonly value: GraphSpec };

/** A named input or output of a graph. Without a shape nothing is said of its rank. */
export interface ValueSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape?: Shape;
}

export interface NodeSpec {
  readonly opType: string;
  /** Empty for the standard domain `ai.onnx`. */
  readonly domain?: string;
  /** Names of values; an empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
}

/** A graph as plain data, nodes in topological order. */
export interface GraphSpec {
  readonly name: string;
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly nodes: readonly NodeSpec[];
  /** Constants; one that has the name of an input is that input's default. */
  readonly initializers: ReadonlyMap<string, HostTensor>;
}
