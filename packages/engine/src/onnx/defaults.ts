import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { HostTensor } from "../tensor/dtype.js";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.js";
import { parseModel } from "./read.js";
import { fromTensorProto } from "./tensor-proto.js";

/** A field of a message as it is written. */
interface Field {
  readonly number: number;
  /** The field with its tag. */
  readonly raw: Uint8Array;
  /** What it holds, where that is a message, a string or bytes. */
  readonly content: Uint8Array | undefined;
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, type] = reader.tag();
    let content: Uint8Array | undefined;
    if (type === WireType.LengthDelimited) content = reader.bytes();
    else reader.skip(type, number);
    yield { number, raw: bytes.subarray(start, reader.pos), content };
  }
}

/** The text in a field of a message. */
function textOf(message: Uint8Array, wanted: number): string {
  for (const { number, content } of fieldsOf(message)) {
    if (number === wanted) return new TextDecoder().decode(content);
  }
  return "";
}

/** The fields of a graph, those of the constants that are an input's default apart. */
function splitGraph(graph: Uint8Array): { readonly kept: Field[]; readonly defaults: Uint8Array[] } {
  const { initializer, input } = GraphProtoSchema.field;
  const fields = [...fieldsOf(graph)];
  const inputs = new Set(
    fields.flatMap(({ number, content }) =>
      number === input.number ? [textOf(content!, ValueInfoProtoSchema.field.name.number)] : [],
    ),
  );
  const kept: Field[] = [];
  const defaults: Uint8Array[] = [];
  for (const field of fields) {
    const { number, content } = field;
    const isDefault =
      number === initializer.number && inputs.has(textOf(content!, TensorProtoSchema.field.name.number));
    if (isDefault) defaults.push(content!);
    else kept.push(field);
  }
  return { kept, defaults };
}

/**
 * Takes the defaults of inputs out of a model: the same program with all inputs required, and the
 * values to feed where the caller gives none. ONNX Runtime's JavaScript packages know only of
 * required inputs and would silently ignore a value fed to one that has a default. Everything else is
 * copied as it is written, since reading the nodes of a large forest takes longer than opening it.
 *
 * Throws an `Error` when the bytes are not an ONNX model.
 */
export function separateDefaults(bytes: Uint8Array): {
  bytes: Uint8Array;
  defaults: ReadonlyMap<string, HostTensor>;
} {
  const graphField = ModelProtoSchema.field.graph.number;
  const defaults = new Map<string, HostTensor>();
  const writer = new BinaryWriter();
  try {
    for (const { number, raw, content } of fieldsOf(bytes)) {
      if (number !== graphField) {
        writer.raw(raw);
        continue;
      }
      const graph = splitGraph(content!);
      for (const tensor of graph.defaults) {
        const proto = fromBinary(TensorProtoSchema, tensor);
        defaults.set(proto.name, fromTensorProto(proto));
      }
      writer.tag(number, WireType.LengthDelimited).uint32(total(graph.kept));
      for (const field of graph.kept) writer.raw(field.raw);
    }
  } catch (error) {
    // Says what the bytes are, where they are no model.
    parseModel(bytes);
    throw error;
  }
  return defaults.size > 0 ? { bytes: writer.finish(), defaults } : { bytes, defaults };
}

function total(fields: readonly Field[]): number {
  return fields.reduce((sum, { raw }) => sum + raw.length, 0);
}
