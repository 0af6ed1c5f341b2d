import { toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { HostTensor } from "../tensor/dtype.js";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.js";
import { parseModel } from "./read.js";
import { fromTensorProto } from "./tensor-proto.js";

/** The contents of the fields of a message that are messages, strings or bytes, with their field numbers. */
function* fieldsOf(bytes: Uint8Array): Generator<readonly [number: number, content: Uint8Array]> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) yield [number, reader.bytes()];
    else reader.skip(type, number);
  }
}

function fieldOf(bytes: Uint8Array, wanted: number): Uint8Array | undefined {
  for (const [number, content] of fieldsOf(bytes)) if (number === wanted) return content;
  return undefined;
}

/**
 * Whether a model certainly has no input with a default: told from a few names, which takes a small
 * part of the time of reading all of it.
 */
function hasNoDefaults(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder();
  const { initializer, input } = GraphProtoSchema.field;
  try {
    const graph = fieldOf(bytes, ModelProtoSchema.field.graph.number);
    if (!graph) return false;
    const inputs = new Set<string>();
    const constants: string[] = [];
    for (const [number, content] of fieldsOf(graph)) {
      if (number === input.number) {
        inputs.add(decoder.decode(fieldOf(content, ValueInfoProtoSchema.field.name.number)));
      } else if (number === initializer.number) {
        constants.push(decoder.decode(fieldOf(content, TensorProtoSchema.field.name.number)));
      }
    }
    return !constants.some((name) => inputs.has(name));
  } catch {
    return false;
  }
}

/**
 * Takes the defaults of inputs out of a model: the same program with all inputs required, and the
 * values to feed where the caller gives none. ONNX Runtime's JavaScript packages know only of
 * required inputs and would silently ignore a value fed to one that has a default.
 */
export function separateDefaults(bytes: Uint8Array): {
  bytes: Uint8Array;
  defaults: ReadonlyMap<string, HostTensor>;
} {
  if (hasNoDefaults(bytes)) return { bytes, defaults: new Map() };
  const model = parseModel(bytes);
  const graph = model.graph!;
  const inputs = new Set(graph.input.map((input) => input.name));
  const found = graph.initializer.filter((initializer) => inputs.has(initializer.name));
  if (found.length === 0) return { bytes, defaults: new Map() };
  const defaults = new Map(found.map((initializer) => [initializer.name, fromTensorProto(initializer)]));
  graph.initializer = graph.initializer.filter((initializer) => !inputs.has(initializer.name));
  return { bytes: toBinary(ModelProtoSchema, model), defaults };
}
