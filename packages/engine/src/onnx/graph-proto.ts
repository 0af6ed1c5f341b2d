import { create } from "@bufbuild/protobuf";
import { formatDim, isSymbolic } from "../tensor/shape.js";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.js";
import type { AttributeSpec, GraphSpec, ValueSpec } from "./spec.js";
import { dataTypeOf, toTensorProto } from "./tensor-proto.js";

export function toGraphProto(graph: GraphSpec): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    input: graph.inputs.map(toValueInfo),
    output: graph.outputs.map(toValueInfo),
    initializer: [...graph.initializers].map(([name, tensor]) => toTensorProto(name, tensor)),
    node: graph.nodes.map((node) =>
      create(NodeProtoSchema, {
        opType: node.opType,
        ...(node.domain ? { domain: node.domain } : {}),
        input: [...node.inputs],
        output: [...node.outputs],
        attribute: Object.entries(node.attributes ?? {}).map(([name, value]) =>
          toAttributeProto(name, value),
        ),
      }),
    ),
  });
}

function toValueInfo(value: ValueSpec): ValueInfoProto {
  const shape = value.shape && {
    dim: value.shape.map((dim) =>
      create(TensorShapeProto_DimensionSchema, {
        value: isSymbolic(dim)
          ? { case: "dimParam", value: formatDim(dim) }
          : { case: "dimValue", value: BigInt(dim) },
      }),
    ),
  };
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: {
      value: {
        case: "tensorType",
        value: { elemType: dataTypeOf(value.dtype), ...(shape ? { shape } : {}) },
      },
    },
  });
}

function toAttributeProto(name: string, attribute: AttributeSpec): AttributeProto {
  const type = AttributeProto_AttributeType;
  const encoder = new TextEncoder();
  switch (attribute.type) {
    case "int":
      return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(attribute.value) });
    case "ints":
      return create(AttributeProtoSchema, { name, type: type.INTS, ints: attribute.value.map(BigInt) });
    case "float":
      return create(AttributeProtoSchema, { name, type: type.FLOAT, f: attribute.value });
    case "floats":
      return create(AttributeProtoSchema, { name, type: type.FLOATS, floats: [...attribute.value] });
    case "string":
      return create(AttributeProtoSchema, { name, type: type.STRING, s: encoder.encode(attribute.value) });
    case "strings": {
      const values = attribute.value.map((text) => encoder.encode(text));
      return create(AttributeProtoSchema, { name, type: type.STRINGS, strings: values });
    }
    case "tensor":
      return create(AttributeProtoSchema, { name, type: type.TENSOR, t: toTensorProto("", attribute.value) });
    case "graph":
      return create(AttributeProtoSchema, { name, type: type.GRAPH, g: toGraphProto(attribute.value) });
  }
}
