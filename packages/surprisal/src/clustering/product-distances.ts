import {
  argMin,
  cast,
  emitModel,
  type HostTensor,
  input,
  matmul,
  openSession,
  type Session,
  symbol,
  type Tensor,
} from "@surprisal/engine";
import { columnTable } from "../numeric/index.js";
import { squareDistance } from "./square-distance.js";

/** Squared distances of all rows from a few points by matrix products in ONNX Runtime, in double precision. */
export interface ProductDistances {
  /** The nearest of some centres, [centers, columns], for each row; the first of equal ones. */
  nearest(centers: Float64Array): Promise<Int32Array>;
  /** [points, count]: the squared distance of each row from each of some points, [points, columns]. */
  squares(points: Float64Array): Promise<Float64Array>;
  close(): Promise<void>;
}

/** From so many products of a row's value and a centre's a program is faster than loops here. */
const LEAST_PRODUCTS = 1 << 22;

/** Values that programs hold of the rows, in all. */
const MOST_VALUES = 1 << 26;

/** Elements of one value of a program. */
const BLOCK_ELEMENTS = 1 << 22;

/** Squares below this part of the terms that they are a difference of are measured anew. */
const CANCELLED = 1e-9;

/** Beside its columns a row has a 1 and the square of its length: |x - c|² = x (-2 c) + 1 |c|² + |x|² 1. */
const EXTRA = 2;

const valuesOf = (rows: Float32Array, columns: number) => (rows.length / columns) * (columns + EXTRA);

/** Whether products of all rows with so many centres are faster in a program, and fit the memory. */
export function isWorthProducts(rows: Float32Array, columns: number, clusters: number): boolean {
  return rows.length * clusters >= LEAST_PRODUCTS && valuesOf(rows, columns) <= MOST_VALUES;
}

function squaredLength(values: ArrayLike<number>, row: number, columns: number): number {
  let total = 0;
  for (let k = row * columns; k < (row + 1) * columns; k++) total += values[k]! * values[k]!;
  return total;
}

/** Rows from … to as columns, [columns + 2, to - from]. */
function extendedColumns(
  rows: Float32Array,
  lengths: Float64Array,
  columns: number,
  from: number,
  to: number,
): Float64Array<ArrayBuffer> {
  const count = to - from;
  const extended = new Float64Array((columns + EXTRA) * count);
  columnTable(rows.subarray(from * columns, to * columns), columns, extended);
  extended.fill(1, columns * count, (columns + 1) * count);
  extended.set(lengths.subarray(from, to), (columns + 1) * count);
  return extended;
}

/** Points as rows [-2 c, |c|², 1]. */
function extendedPoints(points: Float64Array, columns: number): HostTensor {
  const count = points.length / columns;
  const width = columns + EXTRA;
  const data = new Float64Array(count * width);
  for (let p = 0; p < count; p++) {
    for (let j = 0; j < columns; j++) data[p * width + j] = -2 * points[p * columns + j]!;
    data[p * width + columns] = squaredLength(points, p, columns);
    data[p * width + columns + 1] = 1;
  }
  return { dtype: "float64", shape: [count, width], data };
}

interface Block {
  readonly from: number;
  readonly to: number;
  readonly session: Session;
}

/** The rows are a default of the program's input, which its worker keeps. */
async function openBlock(extended: Float64Array<ArrayBuffer>, from: number, to: number): Promise<Block> {
  const width = extended.length / (to - from);
  const rows = input("rows", [width, to - from], "float64", { defaultValue: extended });
  const squares = matmul(input("points", [symbol("P"), width], "float64"), rows);
  const outputs: Record<string, Tensor> = { squares, nearest: cast(argMin(squares, { axis: 0 }), "int32") };
  const session = await openSession(emitModel({ name: "squared-distances", outputs }));
  return { from, to, session };
}

/**
 * Opens programs that hold the rows [count, columns]. Products with as many as `clusters` points fit
 * the memory. Close it when done.
 */
export async function openProductDistances(
  rows: Float32Array,
  columns: number,
  clusters: number,
): Promise<ProductDistances> {
  const count = rows.length / columns;
  const lengths = Float64Array.from({ length: count }, (_, i) => squaredLength(rows, i, columns));
  const blockRows = Math.max(1, Math.floor(BLOCK_ELEMENTS / Math.max(columns + EXTRA, clusters)));
  const blocks: Block[] = [];
  const close = async () => {
    await Promise.all(blocks.map(({ session }) => session.close()));
  };
  try {
    for (let from = 0; from < count; from += blockRows) {
      const to = Math.min(count, from + blockRows);
      blocks.push(await openBlock(extendedColumns(rows, lengths, columns, from, to), from, to));
    }
  } catch (error) {
    await close();
    throw error;
  }

  /** What products cannot tell from nothing, because the terms cancel, by the differences themselves. */
  function remeasure(squares: Float64Array, points: Float64Array): void {
    for (let p = 0; p * columns < points.length; p++) {
      const own = squaredLength(points, p, columns);
      for (let i = 0, at = p * count; i < count; i++, at++) {
        if (squares[at]! > CANCELLED * (own + lengths[i]!)) continue;
        squares[at] = squareDistance(rows, i, points, p, columns);
      }
    }
  }

  return {
    async nearest(centers) {
      const points = extendedPoints(centers, columns);
      const labels = new Int32Array(count);
      for (const { from, session } of blocks) {
        const { nearest } = await session.run({ points }, { outputs: ["nearest"] });
        labels.set(nearest!.data as Int32Array, from);
      }
      return labels;
    },
    async squares(points) {
      const extended = extendedPoints(points, columns);
      const result = new Float64Array((points.length / columns) * count);
      for (const { from, to, session } of blocks) {
        const { squares } = await session.run({ points: extended }, { outputs: ["squares"] });
        const part = squares!.data as Float64Array;
        for (let p = 0; p * columns < points.length; p++) {
          result.set(part.subarray(p * (to - from), (p + 1) * (to - from)), p * count + from);
        }
      }
      remeasure(result, points);
      return result;
    },
    close,
  };
}
