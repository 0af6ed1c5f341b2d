import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad } from "../autodiff/grad.js";
import * as t from "../tensor/index.js";
import { evaluate, type Feeds, numbersOf } from "../testing/evaluate.js";
import { simplify } from "./simplify.js";

type F64 = t.Tensor<"float64">;

const x = t.input("x", [2, 3], "float64");
const y = t.input("y", [3], "float64");
const z = t.input("z", [2, 1], "float64");
const s = t.input("s", [], "float64");

function count(outputs: readonly t.Tensor[]): number {
  const seen = new Set<t.Tensor>();
  const stack = [...outputs];
  while (stack.length > 0) {
    const tensor = stack.pop() as t.Tensor;
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    stack.push(...tensor.operands);
  }
  return seen.size;
}

/** An expression as text, for comparing structures. */
function show(tensor: t.Tensor): string {
  if (t.isOperator(tensor, "input")) return tensor.attributes.name;
  if (t.isOperator(tensor, "constant"))
    return `[${Array.from(tensor.attributes.data as Float64Array).join()}]`;
  return `${tensor.operator}(${tensor.operands.map(show).join(", ")})`;
}

const simple = (tensor: t.Tensor): string => show(simplify([tensor])[0] as t.Tensor);
const c = (value: number): F64 => t.scalar(value, "float64");

type Make = (pick: (i: number) => F64, n: number) => F64;

/** Expressions whose value is continuous in all operands, so that rounding cannot flip them. */
const makers: readonly Make[] = [
  (p) => t.add(p(0), p(1)),
  (p) => t.sub(p(0), p(1)),
  (p) => t.mul(p(0), p(1)),
  (p) => t.div(p(0), t.add(t.square(p(1)), 1) as F64),
  (p, n) => t.mul(p(0), [0, 1, -1, 2, 0.5, -3][n % 6] as number),
  (p, n) => t.div(p(0), [1, -1, 2, 3, -0.5][n % 5] as number),
  (p, n) => t.div([1, 2, -1][n % 3] as number, t.add(t.square(p(0)), 1) as F64),
  (p, n) => t.add(p(0), [0, 1, -1][n % 3] as number),
  (p, n) => t.sub([0, 1][n % 2] as number, p(0)),
  (p) => t.neg(p(0)),
  (p, n) => t.pow(t.tanh(p(0)), n % 4) as F64,
  (p) => t.exp(t.minimum(p(0), 3)),
  (p) => t.log(t.exp(t.minimum(p(0), 3))),
  (p) => t.sigmoid(p(0)),
  (p) => t.abs(p(0)),
  (p) => t.relu(p(0)),
  (p) => t.maximum(p(0), p(1)),
  (p) => t.minimum(p(0), p(1)),
  (p) => t.stopGradient(p(0)),
  (p, n) => t.broadcastTo(p(0), n % 2 ? [4, 2, 3] : [2, 3]),
  (p) => t.mul(p(0), t.zeros([2, 3], "float64")),
  (p) => t.add(p(0), t.zeros([2, 3], "float64")),
  (p, n) => t.sum(p(0), { axis: n % p(0).shape.length, keepDims: n % 2 === 0 }),
  (p, n) => t.max(p(0), { axis: n % p(0).shape.length, keepDims: n % 2 === 0 }),
  (p) => t.sum(p(0)),
  (p, n) => t.transpose(p(0), n % 2 ? undefined : p(0).shape.map((_, i) => (i + 1) % p(0).shape.length)),
  (p) => t.flatten(p(0), 0),
  (p) => t.expandDims(p(0), 0),
  (p, n) => t.reshape(p(0), n % 2 ? [3, 2] : [2, 3]),
  (p, n) => t.flip(p(0), n % p(0).shape.length),
  (p, n) => t.slice(p(0), { [n % p(0).shape.length]: { start: n % 2, step: 1 + (n % 2) } }),
  (p, n) => t.slice(p(0), { 0: { end: 1 + (n % 2) } }),
  (p, n) =>
    t.pad(
      p(0),
      p(0).shape.map((_, i) => [i === n % p(0).shape.length ? 1 : 0, n % 2]),
    ),
  (p, n) => t.concat([p(0), p(1), p(0)], n % p(0).shape.length),
  (p) => t.concat(t.split(p(0), [1, (p(0).shape[0] as number) - 1]), 0),
  (p) => t.where(t.greater(x, 0), p(0), p(1)),
  (p) => t.where(t.constant([true, false, true], [3], "bool"), p(0), p(1)),
  (p) => t.where(t.not(t.less(y, 0)), p(0), p(0)),
  (p) => t.cast(t.cast(t.cast(p(0), "float64"), "float64"), "float64"),
  (p) => t.mul(p(0), t.cast(t.greater(x, 0), "float64")) as F64,
  (p) => t.matmul(p(0), t.swapAxes(p(1), -1, -2)),
];

interface Draw {
  readonly make: number;
  readonly picks: readonly [number, number];
  readonly n: number;
}

const draws = fc.array(
  fc.record({
    make: fc.nat(makers.length - 1),
    picks: fc.tuple(fc.nat(1000), fc.nat(1000)),
    n: fc.nat(60),
  }),
  { minLength: 5, maxLength: 25 },
);

/** The expressions that a draw describes; steps that do not fit their operands are left out. */
function build(list: readonly Draw[]): F64[] {
  const pool: F64[] = [x, y, z, s, c(0), c(1), c(-2), t.ones([2, 3], "float64")];
  for (const { make, picks, n } of list) {
    try {
      const made = (makers[make] as Make)((i) => pool[(picks[i] as number) % pool.length] as F64, n);
      if ((t.sizeOf(made.shape) as number) <= 200 && made.shape.length <= 4) pool.push(made);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    }
  }
  return pool.slice(8);
}

function feedsOf(values: readonly number[]): Feeds {
  const data = Float64Array.from(values);
  const part = (from: number, shape: readonly number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return { dtype: "float64" as const, shape, data: data.slice(from, from + size) };
  };
  return { x: part(0, [2, 3]), y: part(6, [3]), z: part(9, [2, 1]), s: part(11, []) };
}

async function expectSame(
  before: readonly t.Tensor[],
  after: readonly t.Tensor[],
  feeds: Feeds,
): Promise<void> {
  const named = (prefix: string, list: readonly t.Tensor[]) =>
    list.map((tensor, i) => [`${prefix}${i}`, tensor]);
  const used: Record<string, t.Tensor> = Object.fromEntries([...named("a", before), ...named("b", after)]);
  const keep = Object.fromEntries(
    Object.keys(feeds).map((name) => [`keep_${name}`, t.neg({ x, y, z, s }[name] as F64)]),
  );
  const results = (await evaluate({ ...used, ...keep }, feeds)) as Record<string, t.HostTensor>;
  for (const i of before.keys()) {
    const [a, b] = [results[`a${i}`] as t.HostTensor, results[`b${i}`] as t.HostTensor];
    expect(b.shape).toEqual(a.shape);
    const [left, right] = [numbersOf(a), numbersOf(b)];
    const size = Math.max(1, ...left.filter(Number.isFinite).map(Math.abs));
    for (const [k, value] of left.entries()) {
      const other = right[k] as number;
      const isSame = Object.is(value + 0, other + 0) || Math.abs(value - other) <= 1e-9 * size;
      if (!isSame)
        expect.fail(
          `${show(before[i] as t.Tensor)} is ${value}, simplified ${show(after[i] as t.Tensor)} ${other}`,
        );
    }
  }
}

describe("simplify keeps values", () => {
  const run = (element: fc.Arbitrary<number>, numRuns: number, seed: number) =>
    fc.assert(
      fc.asyncProperty(draws, fc.array(element, { minLength: 12, maxLength: 12 }), async (list, values) => {
        const outputs = build(list);
        fc.pre(outputs.length > 0);
        await expectSame(outputs, simplify(outputs), feedsOf(values));
      }),
      { numRuns, seed },
    );

  it("of random expressions", () => run(fc.double({ min: -2, max: 2, noNaN: true }), 150, 1));

  it("of random expressions over NaN, infinity and zero", () =>
    run(fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, 1, -0.5), 150, 2));

  it("of gradients of random expressions", () =>
    fc.assert(
      fc.asyncProperty(
        draws,
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 12, maxLength: 12 }),
        async (list, values) => {
          const outputs = build(list);
          fc.pre(outputs.length > 0);
          const loss = outputs.map((output) => t.sum(t.tanh(output))).reduce((a, b) => t.add(a, b) as F64);
          const gradients = grad(loss, [x, y, z, s]);
          const simplified = simplify(gradients);
          expect(count(simplified)).toBeLessThanOrEqual(count(gradients));
          await expectSame(gradients, simplified, feedsOf(values));
        },
      ),
      { numRuns: 60, seed: 3 },
    ));
});

describe("movements of movements keep values", () => {
  const long = t.input("long", [12]);
  const feeds: Feeds = {
    long: { dtype: "float32", shape: [12], data: Float32Array.from({ length: 12 }, (_, i) => i) },
  };
  const range = fc.record({ start: fc.nat(12), end: fc.nat(12), step: fc.integer({ min: 1, max: 3 }) });

  it.each<[string, (at: t.Tensor<"float32">, a: t.SliceRange, b: t.SliceRange) => t.Tensor]>([
    ["slice of slice", (at, a, b) => t.slice(t.slice(at, { 0: a }), { 0: b })],
    ["slice of padding", (at, a, b) => t.slice(t.pad(at, [[b.step as number, 2]], 7), { 0: a })],
    ["slice of concatenation", (at, a) => t.slice(t.concat([t.exp(at), at]), { 0: a })],
    [
      "concatenation of slices",
      (at, a, b) => t.concat([t.slice(at, { 0: a }), t.slice(at, { 0: { ...b, start: a.end as number } })]),
    ],
    ["slice of flip", (at, a) => t.slice(t.flip(at), { 0: a })],
    [
      "padding of padding",
      (at, a, b) =>
        t.pad(t.pad(at, [[a.step as number, 0]], 1), [[1, b.step as number]], (b.step as number) % 2),
    ],
  ])("%s", (_, make) =>
    fc.assert(
      fc.asyncProperty(range, range, async (a, b) => {
        const before = make(long, a, b);
        fc.pre(!before.shape.includes(0));
        const [after] = simplify([before]) as [t.Tensor];
        const results = await evaluate({ before, after }, feeds);
        expect(results.after).toEqual(results.before);
      }),
      { numRuns: 20, seed: 5 },
    ),
  );
});

describe("simplify is a normal form", () => {
  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(draws, (list) => {
        const once = simplify(build(list));
        const twice = simplify(once);
        expect(twice.every((tensor, i) => tensor === once[i])).toBe(true);
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it("merges equal subexpressions, also across commuted operands", () => {
    const [a, b] = simplify([t.add(t.exp(x), y), t.add(y, t.exp(x))]);
    expect(a).toBe(b);
  });

  it("merges small constants by content and large ones by identity", () => {
    const [a, b] = simplify([
      t.add(x, t.constant([1, 2, 3], [3], "float64")),
      t.add(x, t.constant([1, 2, 3], [3], "float64")),
    ]);
    expect(a).toBe(b);
    const data = new Float32Array(1000);
    const wide = t.input("wide", [1000]);
    const twins = [t.constant(data), t.constant(data), t.constant(data.slice())].map((k) => t.mul(wide, k));
    const [one, two, three] = simplify(twins);
    expect(one).toBe(two);
    expect(one).not.toBe(three);
  });

  it("tells constants that differ in the sign of zero, NaN or dtype apart", () => {
    const values = [0, -0, Number.NaN, Infinity].map((value) => t.maximum(x, c(value)));
    expect(new Set(simplify(values)).size).toBe(4);
    expect(new Set(simplify([t.scalar(1), c(1), t.scalar(1, "int64")])).size).toBe(3);
  });

  it("tells paddings by -infinity and by infinity apart", () => {
    const pads = [Infinity, -Infinity, 0].map((value) => t.pad(y, [[1, 1]], value));
    expect(new Set(simplify(pads)).size).toBe(3);
  });
});

describe("local rewrites", () => {
  it.each<[string, t.Tensor, string]>([
    ["x + 0", t.add(x, 0), "x"],
    ["x · 1", t.mul(1, x), "x"],
    ["x - (-y)", t.sub(x, t.neg(y)), "add(x, y)"],
    ["-x + y", t.add(t.neg(x), y), "sub(y, x)"],
    ["-(-x)", t.neg(t.neg(x)), "x"],
    ["-(x - y)", t.neg(t.sub(x, y) as F64), "sub(y, x)"],
    ["-x · -y", t.mul(t.neg(x), t.neg(y)), "mul(x, y)"],
    ["2 · (3 · x)", t.mul(2, t.mul(3, x) as F64), "mul(x, [6])"],
    ["x / 4", t.div(x, 4), "mul(x, [0.25])"],
    ["x²", t.pow(x, 2), "mul(x, x)"],
    ["log exp x", t.log(t.exp(x)), "x"],
    ["scalars", t.mul(t.add(c(1), c(2)), c(4)), "[12]"],
    ["where true", t.where(t.constant([true], [], "bool"), x, y), "x"],
    ["transposed twice", t.transpose(t.transpose(x)), "x"],
    ["reshaped twice", t.reshape(t.reshape(x, [6]), [2, 3]), "x"],
    ["broadcast operand", t.mul(t.broadcastTo(y, [2, 3]), x), "mul(y, x)"],
    ["broadcast before a function", t.exp(t.broadcastTo(y, [2, 3])), "broadcastTo(exp(y))"],
    ["sum of a broadcast", t.sum(t.broadcastTo(y, [2, 3]), { axis: 0 }), "mul(y, [2])"],
    ["sum of a sum", t.sum(t.sum(x, { axis: 1 })), "sum(x)"],
    ["sum of padding", t.sum(t.pad(y, [[2, 1]])), "sum(y)"],
    ["slice of a slice", t.slice(t.slice(y, { 0: { start: 1 } }), { 0: { start: 1 } }), "slice(y)"],
    ["slice of a concatenation", t.slice(t.concat([y, y]), { 0: { start: 3 } }), "y"],
    ["slice of padding", t.slice(t.pad(y, [[1, 2]]), { 0: { start: 1, end: 4 } }), "y"],
    ["parts joined again", t.concat(t.split(y, [1, 1, 1])), "y"],
    ["flipped twice", t.flip(t.flip(x, 0), [0, 1]), "flip(x)"],
    ["cast there and back", t.cast(t.cast(t.cast(x, "float32"), "float64"), "float32"), "cast(x)"],
    ["stopGradient", t.stopGradient(x), "x"],
    ["customGradient", t.customGradient(t.exp(x), [x], (g) => [g]), "exp(x)"],
  ])("%s", (_, before, after) => {
    expect(simple(before)).toBe(after);
  });

  it("keeps the rounding of sums, on which log1p rests", () => {
    expect(simple(t.sub(t.add(x, 1) as F64, 1))).toBe("sub(add(x, [1]), [1])");
  });

  it("multiplies by zero only what cannot be NaN or infinite", () => {
    expect(simple(t.mul(x, 0))).toBe("mul(x, [0])");
    expect(simple(t.mul(t.cast(t.greater(x, 0), "float64"), 0))).toBe("broadcastTo([0])");
  });

  it("does not merge factors whose product leaves the range of floats", () => {
    const v = t.input("v", [3]);
    expect(simple(t.mul(t.mul(v, 1e-30), 1e-30))).toMatch(/^mul\(mul\(/);
    expect(simple(t.mul(t.mul(v, 1e30), 1e30))).toMatch(/^mul\(mul\(/);
  });

  it("keeps a symbolic batch", () => {
    const rows = t.input("rows", [t.symbol("N"), 3], "float64");
    const [out] = simplify([t.sum(t.mul(t.broadcastTo(y, [t.symbol("N"), 3]), rows), { axis: 0 })]);
    expect(show(out as t.Tensor)).toBe("sum(mul(y, rows))");
    expect(simple(t.sum(t.broadcastTo(y, [t.symbol("N"), 3]), { axis: 0 }))).toBe("sum(broadcastTo(y))");
  });
});

describe("large graphs", () => {
  it("are simplified without recursion, and shrink to what they compute", () => {
    let at: t.Tensor = x;
    for (let i = 0; i < 25_000; i++) at = t.mul(t.add(at as F64, 0), i % 2 ? 2 : 0.5);
    expect(count([at])).toBeGreaterThan(50_000);
    expect(simplify([at])[0]).toBe(x);
  });

  it("of 50,000 distinct nodes keep them", () => {
    let at: F64 = x;
    for (let i = 0; i < 50_000; i++) at = i % 2 ? t.tanh(at) : (t.add(at, y) as F64);
    expect(count(simplify([at]))).toBe(50_002);
  });
});
