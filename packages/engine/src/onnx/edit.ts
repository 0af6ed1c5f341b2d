import { create, toBinary } from "@bufbuild/protobuf";
import type { HostTensor } from "../tensor/dtype.js";
import { ModelProtoSchema, StringStringEntryProtoSchema } from "./generated/onnx_pb.js";
import { findInitializer, parseModel } from "./read.js";
import { dataTypeOf, elementTypeName, toTensorProto } from "./tensor-proto.js";

/** The same model with these metadata entries set; other entries stay as they are. */
export function withMetadata(
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const model = parseModel(bytes);
  const entries = Object.entries(metadata).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  const kept = model.metadataProps.filter(({ key }) => !Object.hasOwn(metadata, key));
  model.metadataProps = [...kept, ...entries];
  return toBinary(ModelProtoSchema, model);
}

/**
 * The same model with another value for one constant or default. Throws an `Error` when the model
 * has no such constant, or when its element type or shape is another.
 */
export function withInitializer(bytes: Uint8Array, name: string, value: HostTensor): Uint8Array<ArrayBuffer> {
  const model = parseModel(bytes);
  const old = findInitializer(model, name);
  const shape = old.dims.map(Number);
  if (old.dataType !== dataTypeOf(value.dtype) || shape.join() !== value.shape.join()) {
    const expected = `${elementTypeName(old.dataType)} [${shape.join(", ")}]`;
    throw new Error(`${name} must be ${expected}, got ${value.dtype} [${value.shape.join(", ")}]`);
  }
  const initializers = model.graph!.initializer;
  initializers[initializers.indexOf(old)] = toTensorProto(name, value);
  return toBinary(ModelProtoSchema, model);
}
