import {
  add,
  clip,
  constant,
  expandDims,
  formatShape,
  logSumExp,
  matmul,
  mul,
  neg,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
} from "@surprisal/engine";
import { saturateFloat32 } from "../../numeric/index.js";
import { logPeaks, type Mixture } from "./mixture.js";

type Values = Tensor<"float64">;

/** Coordinates are limited to this, so that squares stay in the range of float64. */
const FARTHEST = 1e140;

/** The transposes of K lower triangular matrices side by side, [columns, K · columns]. */
export function sideBySide(matrices: readonly Float64Array[], columns: number): Float64Array {
  const width = matrices.length * columns;
  const values = new Float64Array(columns * width);
  matrices.forEach((matrix, k) => {
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j <= i; j++) values[j * width + k * columns + i] = matrix[i * columns + j]!;
    }
  });
  return values;
}

/** M m of each component, [K, columns], for lower triangular M. */
export function whitenedMeans(
  means: readonly Float64Array[],
  matrices: readonly Float64Array[],
): Float64Array {
  const columns = means[0]!.length;
  const values = means.flatMap((mean, k) =>
    Array.from({ length: columns }, (_, i) => {
      let value = 0;
      for (let j = 0; j <= i; j++) value += matrices[k]![i * columns + j]! * mean[j]!;
      return value;
    }),
  );
  return Float64Array.from(values);
}

/** x whitened by every component, less its whitened mean: [N, K, columns]. */
function whitenedDeviations(x: Values, { type, means, whitenings }: Mixture): Values {
  const columns = means[0]!.length;
  const stacked = (vectors: readonly Float64Array[]) =>
    constant(
      Float64Array.from(vectors.flatMap((vector) => [...vector])),
      [vectors.length, columns],
      "float64",
    );
  if (type === "full" || type === "tied") {
    const matrices = type === "full" ? whitenings : [whitenings[0]!];
    const table = sideBySide(matrices, columns);
    const whitened = matmul(x, constant(table, [columns, matrices.length * columns], "float64"));
    const offsets = constant(whitenedMeans(means, whitenings), [means.length, columns], "float64");
    return sub(reshape(whitened, [x.shape[0]!, matrices.length, columns]), offsets) as Values;
  }
  return mul(sub(expandDims(x, 1), stacked(means)) as Values, stacked(whitenings)) as Values;
}

/**
 * -log p(x) under the mixture, in nats, of every row of x, float64 [N, columns], as [N]. Throws a
 * `TypeError` where the width or the dtype differs.
 */
export function mixtureGraph(
  x: Tensor,
  mixture: Mixture,
): { readonly score: Tensor<"float32">; readonly elementsPerRow: number } {
  const columns = mixture.means[0]!.length;
  const components = mixture.means.length;
  if (x.dtype !== "float64" || x.shape.length !== 2 || x.shape[1] !== columns) {
    throw new TypeError(`fitted on float64 [N, ${columns}], got ${x.dtype} ${formatShape(x.shape)}`);
  }
  // Whitened values are subtracted from each other: a common offset would eat their digits.
  const middle = Float64Array.from({ length: columns }, (_, j) =>
    mixture.means.reduce((total, mean, k) => total + mixture.weights[k]! * mean[j]!, 0),
  );
  const centred = {
    ...mixture,
    means: mixture.means.map((mean) => mean.map((value, j) => value - middle[j]!)),
  };
  const point = clip(sub(x as Values, constant(middle, [columns], "float64")), -FARTHEST, FARTHEST);
  const squares = sum(square(whitenedDeviations(point, centred)), { axis: 2 });
  const peaks = constant(logPeaks(mixture), [components], "float64");
  const logDensity = logSumExp(add(mul(squares, -0.5), peaks) as Values, { axis: 1 });
  return { score: saturateFloat32(neg(logDensity)), elementsPerRow: components * columns };
}
