import { numpy as np } from "@jax-js/jax";
import fc from "fast-check";
import * as t from "../tensor/index.js";
import { type Draw, describeGradients, type Float, type GradientCase } from "../testing/gradients.js";

const dim = fc.integer({ min: 1, max: 4 });
const batch = fc.constantFrom<[number[], number[]][]>(
  [[], []],
  [[3], []],
  [[], [2]],
  [[2], [2]],
  [[2, 3], [3]],
  [[1], [3]],
  [
    [2, 1],
    [1, 3],
  ],
);

const matrices: fc.Arbitrary<Draw> = fc
  .record({ m: dim, k: dim, n: dim, batch })
  .map(({ m, k, n, batch: [a, b] }) => ({
    shapes: [
      [...a, m, k],
      [...b, k, n],
    ],
  }));

const vectors: fc.Arbitrary<Draw> = fc.record({ m: dim, k: dim, kind: fc.nat(2) }).map(({ m, k, kind }) => ({
  shapes: [
    [[k], [k]],
    [[m, k], [k]],
    [[k], [2, k, m]],
  ][kind] as number[][],
}));

/** An einsum equation and the jax-js expression that it stands for. */
interface Contraction {
  readonly equation: string;
  readonly shapes: number[][];
  readonly theirs: Exclude<GradientCase<Draw>["theirs"], string>;
}

const contractions: readonly Contraction[] = [
  {
    equation: "bi,oi->bo",
    shapes: [
      [2, 3],
      [4, 3],
    ],
    theirs: (x) => np.matmul(x(0), np.transpose(x(1))),
  },
  {
    equation: "mbi,mio->mbo",
    shapes: [
      [2, 3, 4],
      [2, 4, 2],
    ],
    theirs: (x) => np.matmul(x(0), x(1)),
  },
  { equation: "i,j->ij", shapes: [[3], [2]], theirs: (x) => np.outer(x(0), x(1)) },
  {
    equation: "ij,ij->",
    shapes: [
      [3, 2],
      [3, 2],
    ],
    theirs: (x) => np.sum(x(0).mul(x(1))),
  },
  {
    equation: "bi,ij,bj->b",
    shapes: [
      [2, 3],
      [3, 4],
      [2, 4],
    ],
    theirs: (x) => np.sum(np.matmul(x(0), x(1)).mul(x(2)), 1),
  },
  { equation: "ijk->ki", shapes: [[2, 3, 4]], theirs: (x) => np.transpose(np.sum(x(0), 1)) },
];

describeGradients("matrix products", [
  {
    name: "matmul",
    draw: matrices,
    ours: ([a, b]) => t.matmul(a as Float, b as Float),
    // As products and a sum: jax-js's own gives wrong gradients where leading axes broadcast.
    theirs: (x, { shapes: [a, b] }) => {
      const rows = x(0).reshape([...(a as number[]), 1]);
      const [inner, columns] = (b as number[]).slice(-2) as [number, number];
      return np.sum(rows.mul(x(1).reshape([...(b as number[]).slice(0, -2), 1, inner, columns])), -2);
    },
    runs: 12,
  },
  {
    name: "matmul with vectors",
    draw: vectors,
    ours: ([a, b]) => t.matmul(a as Float, b as Float),
    theirs: (x) => np.matmul(x(0), x(1)),
  },
  {
    name: "dot",
    draw: vectors.map(({ shapes }) => ({
      shapes: [shapes[0] as number[], (shapes[0] as number[]).slice(-1)],
    })),
    ours: ([a, b]) => t.dot(a as Float, b as Float),
    theirs: (x) => np.sum(x(0).mul(x(1)), -1),
  },
  ...contractions.map(({ equation, shapes, theirs }) => ({
    name: `einsum ${equation}`,
    draw: fc.constant({ shapes }),
    ours: (xs: Float[]) => t.einsum(equation, ...xs),
    theirs,
    runs: 2,
  })),
]);
