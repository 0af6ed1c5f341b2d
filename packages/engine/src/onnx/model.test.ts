import { describe, expect, it } from "vitest";
import type { DType } from "../tensor/dtype.js";
import { host } from "../testing/index.js";
import { float, floats, graph, int, ints, string, strings, tensor } from "./attribute.js";
import { separateDefaults } from "./defaults.js";
import { withInitializer, withMetadata } from "./edit.js";
import { type ModelSpec, writeModel } from "./model.js";
import { parseModel, readInitializer, readModel } from "./read.js";

function modelWith(change: Partial<ModelSpec["graph"]>): Uint8Array {
  return writeModel({
    irVersion: 10,
    opsets: { "": 21, "ai.onnx.ml": 3 },
    graph: {
      name: "g",
      inputs: [{ name: "x", dtype: "float32", shape: [{ symbol: "N", factor: 1 }, 3] }],
      outputs: [{ name: "y", dtype: "float32" }],
      nodes: [{ opType: "Identity", inputs: ["x"], outputs: ["y"] }],
      initializers: new Map(),
      ...change,
    },
  });
}

describe("writeModel", () => {
  it("writes every kind of attribute under its ONNX type", () => {
    const body = { name: "body", inputs: [], outputs: [], nodes: [], initializers: new Map() };
    const attributes = {
      float: float(0.5),
      int: int(-3),
      string: string("größer"),
      tensor: tensor(host([1, 2])),
      graph: graph(body),
      floats: floats([1, 2.5]),
      ints: ints([2 ** 53 - 1, -1]),
      strings: strings(["a", ""]),
    };
    const bytes = modelWith({
      nodes: [{ opType: "Any", domain: "ai.onnx.ml", inputs: ["x", ""], outputs: ["y"], attributes }],
    });
    const [node] = parseModel(bytes).graph!.node;
    expect(node!.input).toEqual(["x", ""]);
    expect(node!.attribute.map((a) => [a.name, a.type])).toEqual([
      ["float", 1],
      ["int", 2],
      ["string", 3],
      ["tensor", 4],
      ["graph", 5],
      ["floats", 6],
      ["ints", 7],
      ["strings", 8],
    ]);
    const byName = Object.fromEntries(node!.attribute.map((a) => [a.name, a]));
    expect(byName.float!.f).toBe(0.5);
    expect(byName.int!.i).toBe(-3n);
    expect(new TextDecoder().decode(byName.string!.s)).toBe("größer");
    expect(byName.ints!.ints).toEqual([BigInt(Number.MAX_SAFE_INTEGER), -1n]);
    expect(byName.graph!.g!.name).toBe("body");
    expect(readModel(bytes).operators).toEqual({ "ai.onnx.ml": { Any: 1 } });
  });

  it("is not misled by names that mean something to JavaScript", () => {
    const nodes = [{ opType: "polluted", domain: "__proto__", inputs: ["x"], outputs: ["y"] }];
    const head = readModel(withMetadata(modelWith({ nodes }), { toString: "text" }));
    expect(Object.keys(head.operators)).toEqual(["__proto__"]);
    expect(Object.entries(head.metadata)).toEqual([["toString", "text"]]);
    expect("polluted" in {}).toBe(false);
  });

  it("keeps constants of every dtype, empty ones and views into larger buffers", () => {
    const dtypes: DType[] = ["float32", "float64", "int32", "int64", "uint8", "bool"];
    const view = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const initializers = new Map([
      ...dtypes.map((dtype) => [dtype, host([1, 0, 1], [3, 1], dtype)] as const),
      ["string", host(["a", "ß"], [2], "string")] as const,
      ["empty", host([], [0, 2])] as const,
      ["view", { dtype: "float32", shape: [2], data: view }] as const,
    ]);
    const bytes = modelWith({ initializers });
    for (const dtype of dtypes) expect(readInitializer(bytes, dtype)).toEqual(host([1, 0, 1], [3, 1], dtype));
    expect(readInitializer(bytes, "string").data).toEqual(["a", "ß"]);
    expect(readInitializer(bytes, "empty")).toEqual(host([], [0, 2]));
    expect(readInitializer(bytes, "view")).toEqual(host([1, 2]));
  });

  it("rejects a constant whose shape and data differ", () => {
    const initializers = new Map([
      ["w", { dtype: "float32" as const, shape: [3], data: new Float32Array(2) }],
    ]);
    expect(() => modelWith({ initializers })).toThrow("tensor w of shape [3] has 2 elements");
  });
});

describe("editing a model", () => {
  const bytes = modelWith({
    inputs: [
      { name: "x", dtype: "float32", shape: [3] },
      { name: "t", dtype: "float32", shape: [] },
    ],
    initializers: new Map([
      ["t", host([0.5], [])],
      ["w", host([1, 2])],
    ]),
  });

  it("withMetadata sets entries and keeps the others", () => {
    const first = withMetadata(bytes, { a: "1", b: "2" });
    expect(readModel(withMetadata(first, { b: "3", c: "" })).metadata).toEqual({ a: "1", b: "3", c: "" });
    expect(readModel(bytes).metadata).toEqual({});
  });

  it("withInitializer replaces one value of the same type and shape", () => {
    const changed = withInitializer(bytes, "t", host([0.75], []));
    expect(readInitializer(changed, "t")).toEqual(host([0.75], []));
    expect(readInitializer(changed, "w")).toEqual(host([1, 2]));
    expect(() => withInitializer(bytes, "t", host([1]))).toThrow("t must be float32 [], got float32 [1]");
    expect(() => withInitializer(bytes, "t", host([1], [], "float64"))).toThrow("got float64 []");
    expect(() => withInitializer(bytes, "u", host([1]))).toThrow('no constant named "u"');
  });

  it("separateDefaults makes all inputs required and hands out their values", () => {
    const { bytes: required, defaults } = separateDefaults(bytes);
    expect(readModel(bytes).defaults).toEqual(["t"]);
    expect(readModel(required).defaults).toEqual([]);
    expect([...defaults]).toEqual([["t", host([0.5], [])]]);
    expect(readInitializer(required, "w")).toEqual(host([1, 2]));
  });

  it("keeps what it does not know: fields of later ONNX versions", () => {
    // Field 25 of the model (functions), two bytes long.
    const foreign = new Uint8Array([...bytes, 0xca, 0x01, 0x02, 0x0a, 0x00]);
    const edited = withMetadata(foreign, { a: "1" });
    expect(Buffer.from(edited).includes(Buffer.from([0xca, 0x01, 0x02, 0x0a, 0x00]))).toBe(true);
  });
});
