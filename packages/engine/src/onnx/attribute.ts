import type { HostTensor } from "../tensor/dtype.js";
import type { AttributeSpec, GraphSpec } from "./spec.js";

export const int = (value: number): AttributeSpec => ({ type: "int", value });
export const ints = (value: readonly number[]): AttributeSpec => ({ type: "ints", value });
export const float = (value: number): AttributeSpec => ({ type: "float", value });
export const floats = (value: readonly number[]): AttributeSpec => ({ type: "floats", value });
export const string = (value: string): AttributeSpec => ({ type: "string", value });
export const strings = (value: readonly string[]): AttributeSpec => ({ type: "strings", value });
export const tensor = (value: HostTensor): AttributeSpec => ({ type: "tensor", value });
/** The body of a `Loop`, `Scan` or `If`. */
export const graph = (value: GraphSpec): AttributeSpec => ({ type: "graph", value });
