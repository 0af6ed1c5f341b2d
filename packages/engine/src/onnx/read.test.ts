import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emitModel } from "../emit/emit-model.js";
import * as t from "../tensor/index.js";
import { readInitializer, readModel } from "./read.js";

const text = (content: string) => new TextEncoder().encode(content);

/** A model with every kind of part: nodes, constants, a default, metadata, two operator sets. */
function exampleModel(): Uint8Array {
  const x = t.input("x", [t.symbol("N"), 2]);
  const threshold = t.input("threshold", [], "float32", { defaultValue: Float32Array.of(0.5) });
  const colour = t.labelEncode(t.input("colour", [t.symbol("N")], "string"), ["red", "green"]);
  const score = t.add(t.sum(t.matmul(x, t.ones([2, 2])), { axis: 1 }), t.cast(colour, "float32"));
  const outputs = { score, isAnomaly: t.greater(score, threshold) };
  return emitModel({ outputs, metadata: { name: "example", threshold: "0.5" } });
}

describe("reading what is not a model", () => {
  it.each([
    ["nothing", new Uint8Array(), "it is empty"],
    ["HTML", text("<!DOCTYPE html><html><body>404</body></html>"), "an HTML or XML page"],
    ["HTML after a byte order mark and blanks", text("\uFEFF\n <html>"), "an HTML or XML page"],
    ["a PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0), "a PNG image"],
    ["a JPEG", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), "a JPEG image"],
    ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0), "unpack it first"],
    ["a ZIP", text("PK\u0003\u0004...."), "a ZIP archive"],
    ["HDF5", Uint8Array.of(0x89, 0x48, 0x44, 0x46), "an HDF5 file"],
    ["Parquet", text("PAR1...."), "a Parquet file"],
    ["JSON", text('{"a": 1}'), "JSON text"],
    ["a Git LFS pointer", text("version https://git-lfs.github.com/spec/v1"), "a Git LFS pointer"],
    ["CSV", text("a,b,c\n1,2,3\n"), "not an ONNX model"],
    ["zeros", new Uint8Array(1000), "not an ONNX model"],
    ["a message without a graph", Uint8Array.of(0x08, 0x0a), "it has no graph"],
    ["a graph without outputs", Uint8Array.of(0x08, 0x0a, 0x3a, 0x00), "its graph has no outputs"],
  ])("%s", (_, bytes, reason) => {
    expect(() => readModel(bytes)).toThrow(reason);
    expect(() => readModel(bytes)).toThrow("not an ONNX model");
  });

  it("a graph nested without end", () => {
    // Each layer is a graph's node's attribute's graph, three fields deep.
    let nested = Uint8Array.of();
    const field = (tag: number, content: Uint8Array) => {
      const length: number[] = [];
      for (let rest = content.length; ; rest >>>= 7) {
        length.push(rest > 127 ? (rest & 127) | 128 : rest);
        if (rest <= 127) break;
      }
      return Uint8Array.of(tag, ...length, ...content);
    };
    for (let depth = 0; depth < 200; depth++) nested = field(0x0a, field(0x2a, field(0x32, nested)));
    expect(() => readModel(Uint8Array.of(0x08, 0x0a, ...field(0x3a, nested)))).toThrow("not an ONNX model");
  });
});

/** Either a head, or an Error that says the bytes are not a model: nothing else may come out. */
function expectVerdict(bytes: Uint8Array): void {
  try {
    const head = readModel(bytes);
    expect(head.outputs.length).toBeGreaterThan(0);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/^not an ONNX model/);
  }
}

describe("reading damaged models", () => {
  const whole = exampleModel();

  it("random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => readModel(bytes)).toThrow(/^not an ONNX model/);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it("a model with bytes changed", () => {
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(changes, (list) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, byte] of list) bytes[at] = byte;
        expectVerdict(bytes);
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  it("a model cut short anywhere, and with a piece missing", () => {
    for (let length = 0; length < whole.length; length++) expectVerdict(whole.subarray(0, length));
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length), (a, b) => {
        expectVerdict(Uint8Array.of(...whole.subarray(0, Math.min(a, b)), ...whole.subarray(Math.max(a, b))));
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it("constants of a damaged model are values or an Error", () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = byte;
        try {
          expect(readInitializer(bytes, "threshold").data.length).toBeLessThan(1000);
        } catch (error) {
          expect((error as Error).message).toMatch(/not an ONNX model|tensor|no constant/);
        }
      }),
      { seed: 4, numRuns: 2000 },
    );
  });
});
