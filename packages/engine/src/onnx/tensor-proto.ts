import { create } from "@bufbuild/protobuf";
import { type ArrayOf, allocate, type DType, type HostTensor } from "../tensor/dtype.js";
import {
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from "./generated/onnx_pb.js";

const dataTypes: Readonly<Record<DType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  uint8: TensorProto_DataType.UINT8,
  bool: TensorProto_DataType.BOOL,
  string: TensorProto_DataType.STRING,
};

const bytesPerElement: Readonly<Record<Exclude<DType, "string">, number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  int64: 8,
  uint8: 1,
  bool: 1,
};

/** ONNX's number of an element type. */
export function dataTypeOf(dtype: DType): TensorProto_DataType {
  return dataTypes[dtype];
}

/** The element type behind ONNX's number, in our name where we have one, else in ONNX's. */
export function elementTypeName(dataType: number): string {
  const ours = (Object.keys(dataTypes) as DType[]).find((dtype) => dataTypes[dtype] === dataType);
  return ours ?? (TensorProto_DataType[dataType] ?? `type ${dataType}`).toLowerCase();
}

/** The raw bytes of a typed array, without a copy. ONNX and every machine we run on are little-endian. */
export function bytesOf(data: ArrayBufferView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

export function toTensorProto(name: string, tensor: HostTensor): TensorProto {
  const { dtype, shape, data } = tensor;
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (size !== data.length) {
    throw new RangeError(`tensor ${name} of shape [${shape.join(", ")}] has ${data.length} elements`);
  }
  const encoder = new TextEncoder();
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: dataTypes[dtype],
    ...(dtype === "string"
      ? { stringData: (data as string[]).map((text) => encoder.encode(text)) }
      : { rawData: bytesOf(data as Exclude<HostTensor["data"], string[]>) }),
  });
}

/**
 * The values of a stored tensor. Throws an `Error` naming the tensor where its element type is one
 * we have no array for, its data is in another file, or its length does not fit its shape.
 */
export function fromTensorProto(proto: TensorProto): HostTensor {
  const name = elementTypeName(proto.dataType);
  if (!(name in dataTypes)) throw new Error(`tensor ${proto.name} has element type ${name}, not supported`);
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw new Error(`tensor ${proto.name} keeps its data in another file, which is not supported`);
  }
  const dtype = name as DType;
  const shape = proto.dims.map(Number);
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = dtype === "string" ? stringsOf(proto) : numbersOf(dtype, proto, size);
  if (data.length !== size) {
    throw new Error(
      `tensor ${proto.name} of shape [${shape.join(", ")}] needs ${size} elements, has ${data.length}`,
    );
  }
  return { dtype, shape, data };
}

function stringsOf(proto: TensorProto): string[] {
  const decoder = new TextDecoder();
  return proto.stringData.map((bytes) => decoder.decode(bytes));
}

function numbersOf<D extends Exclude<DType, "string">>(
  dtype: D,
  proto: TensorProto,
  size: number,
): ArrayOf[D] {
  if (proto.rawData.length > 0) {
    if (proto.rawData.length !== size * bytesPerElement[dtype]) {
      throw new Error(
        `tensor ${proto.name} needs ${size * bytesPerElement[dtype]} bytes, has ${proto.rawData.length}`,
      );
    }
    const data = allocate(dtype, size) as Exclude<HostTensor["data"], string[]>;
    bytesOf(data).set(proto.rawData);
    return data as ArrayOf[D];
  }
  const typed: { [K in Exclude<DType, "string">]: () => ArrayOf[K] } = {
    float32: () => Float32Array.from(proto.floatData),
    float64: () => Float64Array.from(proto.doubleData),
    int32: () => Int32Array.from(proto.int32Data),
    int64: () => BigInt64Array.from(proto.int64Data),
    uint8: () => Uint8Array.from(proto.int32Data),
    bool: () => Uint8Array.from(proto.int32Data),
  };
  return typed[dtype]() as ArrayOf[D];
}
