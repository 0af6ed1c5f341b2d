import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../random/index.js";
import { evaluate, filled, host } from "../testing/index.js";
import { dot, einsum, matmul } from "./linear.js";
import { symbol } from "./shape.js";
import { input } from "./tensor.js";

/** Σ over all labels of the products of the operands, element by element. */
function naiveEinsum(equation: string, operands: readonly { shape: number[]; data: number[] }[]): number[] {
  const [inputs, output] = equation.split("->") as [string, string];
  const terms = inputs.split(",");
  const sizes = new Map<string, number>();
  for (const [i, term] of terms.entries()) {
    for (const [axis, label] of [...term].entries()) sizes.set(label, operands[i]!.shape[axis] as number);
  }
  const labels = [...sizes.keys()];
  const offset = (term: string, at: ReadonlyMap<string, number>) =>
    [...term].reduce((index, label) => index * (sizes.get(label) as number) + (at.get(label) as number), 0);
  const result = new Array<number>(
    [...output].reduce((size, label) => size * (sizes.get(label) as number), 1),
  ).fill(0);
  const visit = (depth: number, at: Map<string, number>): void => {
    const label = labels[depth];
    if (label === undefined) {
      const product = terms.reduce((value, term, i) => value * operands[i]!.data[offset(term, at)]!, 1);
      result[offset(output, at)]! += product;
      return;
    }
    for (let i = 0; i < (sizes.get(label) as number); i++) visit(depth + 1, at.set(label, i));
  };
  visit(0, new Map());
  return result;
}

/** Random equations over five labels: one to three terms of distinct labels, any output of theirs. */
const equations = fc
  .array(fc.shuffledSubarray([..."abcde"], { minLength: 0, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  .chain((terms) =>
    fc.record({
      terms: fc.constant(terms.map((term) => term.join(""))),
      output: fc.shuffledSubarray([...new Set(terms.flat())]).map((labels) => labels.slice(0, 4).join("")),
      sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
      seed: fc.nat(1000),
    }),
  );

describe("einsum", () => {
  it("equals the sum of products, for random equations", () =>
    fc.assert(
      fc.asyncProperty(equations, async ({ terms, output, sizes, seed }) => {
        const stream = randomStream(seed, "einsum");
        const operands = terms.map((term) => {
          const shape = [...term].map((label) => sizes["abcde".indexOf(label)] as number);
          return {
            shape,
            data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal()),
          };
        });
        const equation = `${terms.join(",")}->${output}`;
        const inputs = operands.map(({ shape }, i) => input(`x${i}`, shape, "float64"));
        const feeds = Object.fromEntries(
          operands.map(({ shape, data }, i) => [`x${i}`, host(data, shape, "float64")]),
        );
        const result = await evaluate(einsum(equation, ...inputs), feeds);
        expect(result.shape).toEqual([...output].map((label) => sizes["abcde".indexOf(label)]));
        expect(result).toBeAllClose(naiveEinsum(equation, operands), { rtol: 1e-10, atol: 1e-10 });
      }),
      { numRuns: 80, seed: 1 },
    ));

  it("keeps a symbolic batch", () => {
    const rows = input("rows", [symbol("N"), 3]);
    expect(einsum("bi,oi->bo", rows, input("w", [4, 3])).shape).toEqual([symbol("N"), 4]);
  });

  it("refuses equations that do not fit, and says why", () => {
    const [a, b] = [input("a", [2, 3]), input("b", [2, 3])];
    expect(() => einsum("ij,jk->ik", a, b)).toThrow('einsum "ij,jk->ik": label j has two different lengths');
    expect(() => einsum("ij->ij", a, b)).toThrow("needs one term for each of 2 operands and an output");
    expect(() => einsum("ij,ij", a, b)).toThrow("needs one term for each of 2 operands and an output");
    expect(() => einsum("ii->i", a)).toThrow('einsum term "ii" does not fit [2, 3]');
    expect(() => einsum("ijk->i", a)).toThrow('einsum term "ijk" does not fit [2, 3]');
    expect(() => einsum("ij->ik", a)).toThrow('einsum output "ik" must name distinct labels');
    expect(() => einsum("ij->ii", a)).toThrow('einsum output "ii" must name distinct labels');
  });
});

describe("matmul", () => {
  it("has numpy's shapes", () => {
    const shape = (a: number[], b: number[]) => matmul(input("a", a), input("b", b)).shape;
    expect(shape([2, 3], [3, 4])).toEqual([2, 4]);
    expect(shape([5, 1, 2, 3], [6, 3, 4])).toEqual([5, 6, 2, 4]);
    expect(shape([3], [3, 4])).toEqual([4]);
    expect(shape([2, 3], [3])).toEqual([2]);
    expect(shape([3], [3])).toEqual([]);
    expect(shape([3], [5, 3, 4])).toEqual([5, 4]);
  });

  it("multiplies vectors", async () => {
    const [a, b] = [input("a", [3]), input("b", [3])];
    const feeds = { a: host([1, 2, 3]), b: host([4, 5, 6]) };
    expect(await evaluate(matmul(a, b), feeds)).toBeAllClose(host([32], []));
    expect(await evaluate(dot(a, b), feeds)).toBeAllClose(host([32], []));
  });

  it("refuses what does not fit", () => {
    expect(() => matmul(input("a", [2, 3]), input("b", [4, 2]))).toThrow(
      "matmul of [2, 3] and [4, 2] does not fit",
    );
    expect(() => matmul(input("a", []), input("b", [4, 2]))).toThrow("matmul needs at least one axis");
    expect(() => matmul(input("a", [2, 3]), input("b", [3, 2], "float64") as never)).toThrow(
      "got float32 and float64",
    );
  });

  it("multiplies a symbolic batch of rows", async () => {
    const feeds = { a: filled([4, 2], (i) => i), b: filled([2, 1], () => 1) };
    const product = matmul(input("a", [symbol("N"), 2]), input("b", [2, 1]));
    expect(product.shape).toEqual([symbol("N"), 1]);
    expect(await evaluate(product, feeds)).toBeAllClose([1, 5, 9, 13]);
  });
});
