import { describe, expect, it } from "vitest";
import {
  constantValue,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  normal,
  parameter,
  torchLinear,
  uniform,
} from "./initializers.js";
import { flattenParameters, layoutParameters, mapParameters } from "./parameters.js";

function momentsOf(initializer: Initializer, shape: readonly number[]) {
  const { initial } = parameter(shape, initializer, { seed: 1, name: "w" });
  const n = initial.length;
  const mean = initial.reduce((sum, x) => sum + x, 0) / n;
  const variance = initial.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
  return { mean, std: Math.sqrt(variance), largest: initial.reduce((a, x) => Math.max(a, Math.abs(x)), 0) };
}

describe("initializers", () => {
  const dense = [200, 300];
  const kernel = [64, 32, 3, 3];
  // Weight [200 outputs, 300 inputs]; kernel of fan-in 32 · 9 and fan-out 64 · 9.
  const bounds: readonly (readonly [string, Initializer, readonly number[], number])[] = [
    ["glorotUniform", glorotUniform(), dense, Math.sqrt(6 / 500)],
    ["glorotUniform of a kernel", glorotUniform(), kernel, Math.sqrt(6 / (96 * 9))],
    ["heUniform", heUniform(), dense, Math.sqrt(6 / 300)],
    ["heUniform, inputs first", heUniform({ layout: "inputsFirst" }), dense, Math.sqrt(6 / 200)],
    ["torchLinear", torchLinear(), kernel, 1 / Math.sqrt(32 * 9)],
    ["torchLinear of a bias", torchLinear({ fanIn: 25 }), [50_000], 1 / 5],
    ["uniform", uniform(-0.3, 0.3), dense, 0.3],
  ];
  it.each(bounds)("%s fills its range", (_name, initializer, shape, bound) => {
    const { mean, std, largest } = momentsOf(initializer, shape);
    expect(largest).toBeLessThanOrEqual(Math.fround(bound));
    expect(largest).toBeGreaterThan(0.99 * bound);
    expect(std).toBeCloseTo(bound / Math.sqrt(3), 2);
    expect(Math.abs(mean)).toBeLessThan(0.03 * bound);
  });

  const spreads: readonly (readonly [string, Initializer, readonly number[], number])[] = [
    ["glorotNormal", glorotNormal(), dense, Math.sqrt(2 / 500)],
    ["heNormal", heNormal(), kernel, Math.sqrt(2 / (32 * 9))],
    ["normal", normal(0, 0.02), dense, 0.02],
  ];
  it.each(spreads)("%s has its spread", (_name, initializer, shape, std) => {
    expect(momentsOf(initializer, shape).std / std).toBeCloseTo(1, 1);
  });

  it("draws by name and seed", () => {
    const draw = (seed: number, name: string) => parameter([4], normal(), { seed, name }).initial;
    expect(draw(1, "a")).toEqual(draw(1, "a"));
    expect(draw(1, "a")).not.toEqual(draw(1, "b"));
    expect(draw(1, "a")).not.toEqual(draw(2, "a"));
    expect(parameter([2], constantValue(3), { seed: 1, name: "c" }).initial).toEqual(
      new Float32Array([3, 3]),
    );
    expect(() => glorotUniform()([3], undefined as never)).toThrow(/two dimensions/);
  });
});

describe("parameter trees", () => {
  const leaf = (size: number, trainable = true) => ({
    shape: [size],
    initial: new Float32Array(size),
    trainable,
  });
  const tree = { encoder: [{ w: leaf(2) }, { w: leaf(3), running: leaf(4, false) }], out: leaf(5) };

  it("are flattened in order, with paths", () => {
    expect(flattenParameters(tree).map(({ name }) => name)).toEqual([
      "encoder.0.w",
      "encoder.1.w",
      "encoder.1.running",
      "out",
    ]);
    const layout = layoutParameters(tree);
    expect(layout.trainable.map(({ name, offset }) => [name, offset])).toEqual([
      ["encoder.0.w", 0],
      ["encoder.1.w", 2],
      ["out", 5],
    ]);
    expect([layout.trainableSizes, layout.fixedSize]).toEqual([[10], 4]);
  });

  it("are mapped leaf by leaf", () => {
    expect(mapParameters(tree, ({ initial }, name) => `${name} ${initial.length}`)).toEqual({
      encoder: [{ w: "encoder.0.w 2" }, { w: "encoder.1.w 3", running: "encoder.1.running 4" }],
      out: "out 5",
    });
  });

  it("give large parameters vectors of their own", () => {
    const layout = layoutParameters({ a: leaf(3), big: leaf(70_000), b: leaf(2), huge: leaf(90_000) });
    expect(layout.trainableSizes).toEqual([5, 70_000, 90_000]);
    const places = layout.trainable.map(({ name, vector, offset }) => [name, vector, offset]);
    expect(places).toEqual([
      ["a", 0, 0],
      ["big", 1, 0],
      ["b", 0, 3],
      ["huge", 2, 0],
    ]);
  });

  it("need something to train", () => {
    expect(() => layoutParameters({ a: leaf(2, false) })).toThrow("no trainable parameter");
    expect(() => layoutParameters({ a: leaf(0) })).toThrow(/parameter a/);
  });
});
