import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "./generated/onnx_pb.js";
import { toGraphProto } from "./graph-proto.js";
import type { GraphSpec } from "./spec.js";

/** A model as plain data. */
export interface ModelSpec {
  readonly graph: GraphSpec;
  readonly irVersion: number;
  /** Version of each operator set by domain; the standard domain is the empty name. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer?: string;
  readonly producerVersion?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The bytes of an `.onnx` file. */
export function writeModel(model: ModelSpec): Uint8Array<ArrayBuffer> {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(model.irVersion),
      ...(model.producer === undefined ? {} : { producerName: model.producer }),
      ...(model.producerVersion === undefined ? {} : { producerVersion: model.producerVersion }),
      opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({
        domain,
        version: BigInt(version),
      })),
      metadataProps: Object.entries(model.metadata ?? {}).map(([key, value]) => ({ key, value })),
      graph: toGraphProto(model.graph),
    }),
  );
}
