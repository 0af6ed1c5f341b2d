import { fromBinary } from "@bufbuild/protobuf";
import type { HostTensor } from "../tensor/dtype.js";
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from "./generated/onnx_pb.js";
import { elementTypeName, fromTensorProto } from "./tensor-proto.js";

/** An input or output as a file declares it. */
export interface ModelValue {
  readonly name: string;
  /** Our name of the element type, ONNX's in lower case where we have none, or `unknown`. */
  readonly dtype: string;
  /** A number, a symbol's name, or undefined where nothing is said; no array where the rank is unknown. */
  readonly dims: readonly (number | string | undefined)[] | undefined;
}

/** What a model file says of itself, without its weights. */
export interface ModelHead {
  readonly irVersion: number;
  readonly producer: string;
  readonly producerVersion: string;
  readonly name: string;
  /** Version of each operator set; the standard domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  /** Values a caller may feed; those in `defaults` may be left out. */
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** Names of the inputs that have a default value. */
  readonly defaults: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** How often each operator occurs in the main graph, by domain. */
  readonly operators: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const standardDomain = "ai.onnx";

/** The head of a model. Throws an `Error` that says why when the bytes are not an ONNX model. */
export function readModel(bytes: Uint8Array): ModelHead {
  const model = parseModel(bytes);
  const graph = model.graph!;
  const constants = new Set(graph.initializer.map((initializer) => initializer.name));
  const defaults = graph.input.map((input) => input.name).filter((name) => constants.has(name));
  // Without a prototype: a file may call its domain or operator anything, `__proto__` too.
  const operators: Record<string, Record<string, number>> = Object.create(null);
  for (const node of graph.node) {
    const domain = node.domain || standardDomain;
    operators[domain] ??= Object.create(null) as Record<string, number>;
    operators[domain][node.opType] = (operators[domain][node.opType] ?? 0) + 1;
  }
  return {
    irVersion: Number(model.irVersion),
    producer: model.producerName,
    producerVersion: model.producerVersion,
    name: graph.name,
    opsets: Object.fromEntries(
      model.opsetImport.map(({ domain, version }) => [domain || standardDomain, Number(version)]),
    ),
    inputs: graph.input.map(toModelValue),
    outputs: graph.output.map(toModelValue),
    defaults,
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    operators,
  };
}

/** The value of one constant or default of a model. Throws an `Error` when it has none of that name. */
export function readInitializer(bytes: Uint8Array, name: string): HostTensor {
  return fromTensorProto(findInitializer(parseModel(bytes), name));
}

export function findInitializer(model: ModelProto, name: string) {
  const found = model.graph?.initializer.find((initializer) => initializer.name === name);
  if (!found) throw new Error(`the model has no constant named ${JSON.stringify(name)}`);
  return found;
}

/** The whole message. Throws an `Error` that says why when the bytes are not an ONNX model. */
export function parseModel(bytes: Uint8Array): ModelProto {
  const foreign = foreignFormat(bytes);
  if (foreign) throw new Error(`not an ONNX model: ${foreign}`);
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new Error(`not an ONNX model: ${(cause as Error).message}`, { cause });
  }
  const fault = faultOf(model);
  if (fault) throw new Error(`not an ONNX model, or cut short: ${fault}`);
  return model;
}

function faultOf(model: ModelProto): string | undefined {
  if (model.irVersion < 1n || model.irVersion > 1000n) return "it has no valid IR version";
  if (!model.graph) return "it has no graph";
  if (model.graph.output.length === 0) return "its graph has no outputs";
  if (model.opsetImport.length === 0) return "it names no operator set";
  if (model.opsetImport.some(({ version }) => version < 1n || version > 100_000n)) {
    return "an operator set has no valid version";
  }
  if (model.graph.node.some((node) => node.opType === "")) return "a node has no operator";
  const values = [...model.graph.input, ...model.graph.output];
  if (values.some((value) => value.name === "")) return "an input or output has no name";
  return undefined;
}

/** First characters of well-known formats other than ONNX, byte by byte, and what to say of them. */
const signatures: readonly (readonly [start: string, format: string])[] = [
  ["\x89PNG\r\n", "a PNG image"],
  ["\xff\xd8\xff", "a JPEG image"],
  ["\x1f\x8b", "gzip data; unpack it first"],
  ["PK\x03\x04", "a ZIP archive (a saved PyTorch model, perhaps); export it to ONNX first"],
  ["\x89HDF", "an HDF5 file; export the model to ONNX first"],
  ["PAR1", "a Parquet file"],
  ["version https:", "a Git LFS pointer; fetch the real file first"],
];

/** What the first bytes say the file is, when that is a well-known format other than ONNX. */
function foreignFormat(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "it is empty";
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  const known = signatures.find(([signature]) => start.startsWith(signature));
  if (known) return `it is ${known[1]}`;
  const text = start.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (/^<[!?a-zA-Z]/.test(text)) return "it is an HTML or XML page, perhaps of a failed download";
  if (/^[{[]\s*["{[\d]/.test(text)) return "it is JSON text";
  return undefined;
}

function toModelValue(value: ValueInfoProto): ModelValue {
  const type = value.type?.value;
  if (type?.case !== "tensorType") return { name: value.name, dtype: "unknown", dims: undefined };
  const dims = type.value.shape?.dim.map(({ value: dim }) =>
    dim.case === "dimValue" ? Number(dim.value) : dim.case === "dimParam" ? dim.value : undefined,
  );
  return { name: value.name, dtype: elementTypeName(type.value.elemType), dims };
}
