import { toBinary } from "@bufbuild/protobuf";
import type { HostTensor } from "../tensor/dtype.js";
import { ModelProtoSchema } from "./generated/onnx_pb.js";
import { parseModel } from "./read.js";
import { fromTensorProto } from "./tensor-proto.js";

/**
 * Takes the defaults of inputs out of a model: the same program with all inputs required, and the
 * values to feed where the caller gives none. ONNX Runtime's JavaScript packages know only of
 * required inputs and would silently ignore a value fed to one that has a default.
 */
export function separateDefaults(bytes: Uint8Array): {
  bytes: Uint8Array;
  defaults: ReadonlyMap<string, HostTensor>;
} {
  const model = parseModel(bytes);
  const graph = model.graph!;
  const inputs = new Set(graph.input.map((input) => input.name));
  const found = graph.initializer.filter((initializer) => inputs.has(initializer.name));
  if (found.length === 0) return { bytes, defaults: new Map() };
  const defaults = new Map(found.map((initializer) => [initializer.name, fromTensorProto(initializer)]));
  graph.initializer = graph.initializer.filter((initializer) => !inputs.has(initializer.name));
  return { bytes: toBinary(ModelProtoSchema, model), defaults };
}
