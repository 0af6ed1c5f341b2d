import {
  add,
  emitModel,
  exp,
  expandDims,
  type HostTensor,
  input,
  logSumExp,
  matmul,
  mul,
  openSession,
  reshape,
  square,
  sub,
  sum,
  symbol,
  type Tensor,
  transpose,
} from "@surprisal/engine";
import { columnMeans, invertLowerTriangular } from "../../numeric/index.js";
import type { EmStep } from "./expectation-maximization.js";
import { sideBySide, whitenedMeans } from "./graph.js";
import { logPeaks, type Mixture, mixtureOf } from "./mixture.js";

/** Elements of one value of the program. */
const BLOCK_ELEMENTS = 1 << 20;

/** From so many products an E-step or M-step is worth a program. */
const LEAST_PRODUCTS = 1 << 24;

/** Whether matrix products in a program are faster than loops here. */
export function isWorthProgram(rows: Float64Array, columns: number, { type, means }: Mixture): boolean {
  return type === "full" && means.length > 1 && rows.length * means.length * columns >= LEAST_PRODUCTS;
}

/**
 * Sums over a block of rows, for a mixture of full covariances: of log densities, and, for each
 * component, of responsibilities r, of r y and of r y yᵀ, with y the row's whitened deviation.
 */
function stepProgram(columns: number, components: number): Uint8Array<ArrayBuffer> {
  const rows = symbol("N");
  const x = input("x", [rows, columns], "float64");
  const middle = input("middle", [columns], "float64");
  const table = input("table", [columns, components * columns], "float64");
  const offsets = input("offsets", [components, columns], "float64");
  const peaks = input("peaks", [components], "float64");
  const whitened = reshape(matmul(sub(x, middle), table), [rows, components, columns]);
  const y = sub(whitened, offsets);
  const terms = add(mul(sum(square(y), { axis: 2 }), -0.5), peaks);
  const logDensity = logSumExp(terms, { axis: 1 });
  const r = exp(sub(terms, expandDims(logDensity, 1)));
  const weighted = mul(expandDims(r, 2), y);
  const outputs = {
    logDensity: sum(logDensity, { axis: 0 }),
    shares: sum(r, { axis: 0 }),
    first: sum(weighted, { axis: 0 }),
    second: matmul(transpose(weighted, [1, 2, 0]), transpose(y, [1, 0, 2])),
  };
  return emitModel({ name: "em-step", outputs: outputs as Record<keyof typeof outputs, Tensor> });
}

/** L B Lᵀ for L lower triangular and B symmetric. */
function congruence(factor: Float64Array, inner: Float64Array, size: number): Float64Array {
  const half = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k <= i; k++) {
      const weight = factor[i * size + k]!;
      for (let j = 0; j < size; j++) half[i * size + j]! += weight * inner[k * size + j]!;
    }
  }
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let value = 0;
      for (let k = 0; k <= j; k++) value += half[i * size + k]! * factor[j * size + k]!;
      result[i * size + j] = value;
      result[j * size + i] = value;
    }
  }
  return result;
}

interface StepSums {
  logDensity: number;
  readonly shares: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** The mixture of largest likelihood from the sums of a step. */
function mixtureOfSums(mixture: Mixture, sums: StepSums, regularization: number): Mixture {
  const columns = mixture.means[0]!.length;
  const components = mixture.means.length;
  const shares = sums.shares.map((share) => share + 10 * Number.EPSILON);
  const total = shares.reduce((a, b) => a + b);
  const parts = Array.from({ length: components }, (_, k) => {
    const share = shares[k]!;
    const shift = sums.first.slice(k * columns, (k + 1) * columns).map((value) => value / share);
    const inner = sums.second
      .slice(k * columns * columns, (k + 1) * columns * columns)
      .map((value, at) => value / share - shift[Math.floor(at / columns)]! * shift[at % columns]!);
    // Back from whitened deviations y = L⁻¹ (x - mean).
    const factor = invertLowerTriangular(mixture.whitenings[k]!, columns);
    const mean = mixture.means[k]!.map((value, i) => {
      let moved = value;
      for (let j = 0; j <= i; j++) moved += factor[i * columns + j]! * shift[j]!;
      return moved;
    });
    const covariance = congruence(factor, inner, columns);
    for (let j = 0; j < columns; j++) covariance[j * columns + j]! += regularization;
    return { mean, covariance };
  });
  return mixtureOf({
    type: mixture.type,
    weights: shares.map((share) => share / total),
    means: parts.map(({ mean }) => mean),
    covariances: parts.map(({ covariance }) => covariance),
  });
}

/**
 * E-steps and M-steps of mixtures of full covariances by matrix products in ONNX Runtime, in double
 * precision, a block of rows at a time. Close it when done.
 */
export async function openProgramStep(
  rows: Float64Array,
  columns: number,
  components: number,
  regularization: number,
): Promise<{ readonly step: EmStep; close(): Promise<void> }> {
  const session = await openSession(stepProgram(columns, components));
  const count = rows.length / columns;
  const blockRows = Math.max(1, Math.floor(BLOCK_ELEMENTS / (components * columns)));
  const middle = columnMeans(rows, columns);
  const tensor = (data: Float64Array, ...shape: number[]): HostTensor => ({ dtype: "float64", shape, data });

  const step: EmStep = async (mixture) => {
    const centred = mixture.means.map((mean) => mean.map((value, j) => value - middle[j]!));
    const fixed = {
      middle: tensor(middle, columns),
      table: tensor(sideBySide(mixture.whitenings, columns), columns, components * columns),
      offsets: tensor(whitenedMeans(centred, mixture.whitenings), components, columns),
      peaks: tensor(logPeaks(mixture), components),
    };
    const sums: StepSums = {
      logDensity: 0,
      shares: new Float64Array(components),
      first: new Float64Array(components * columns),
      second: new Float64Array(components * columns * columns),
    };
    for (let from = 0; from < count; from += blockRows) {
      const to = Math.min(count, from + blockRows);
      const x = tensor(rows.subarray(from * columns, to * columns), to - from, columns);
      const part = await session.run({ x, ...fixed });
      sums.logDensity += part.logDensity!.data[0] as number;
      for (const name of ["shares", "first", "second"] as const) {
        const values = part[name]!.data as Float64Array;
        const target = sums[name];
        for (let i = 0; i < target.length; i++) target[i]! += values[i]!;
      }
    }
    return {
      next: mixtureOfSums(mixture, sums, regularization),
      meanLogDensity: sums.logDensity / count,
    };
  };
  return { step, close: () => session.close() };
}
