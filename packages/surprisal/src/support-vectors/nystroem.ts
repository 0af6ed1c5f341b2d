import {
  cast,
  constant,
  emitModel,
  input,
  matmul,
  openSession,
  randomStream,
  symbol,
} from "@surprisal/engine";
import { symmetricEigen } from "../numeric/index.js";
import { rbfGraph } from "./graph.js";
import { fillKernelRow, type KernelRows } from "./kernel.js";

/** Directions with less than this part of the largest eigenvalue are noise, and left out. */
const LEAST_EIGENVALUE = 1e-6;

/** Rows of one call, and the elements of their kernel values. */
const ELEMENTS_PER_CALL = 1 << 21;

/**
 * Features whose products approximate the RBF kernel (Williams & Seeger 2001): with L the landmarks,
 * φ(x) = Λ^(-1/2) Vᵀ K(L, x), where K(L, L) = V Λ Vᵀ.
 */
export interface NystroemFeatures {
  /** Landmarks, [count, columns]: rows drawn at random. */
  readonly landmarks: Float64Array;
  /** V Λ^(-1/2), [landmarks, width]. */
  readonly projection: Float64Array;
  readonly width: number;
}

export function fitNystroem(of: KernelRows, components: number, seed: number): NystroemFeatures {
  const { rows, count, columns } = of;
  const size = Math.min(components, count);
  const chosen = randomStream(seed, "nystroem").choice(count, size);
  const landmarks = new Float64Array(size * columns);
  chosen.forEach((row, i) => {
    landmarks.set(rows.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  const between = new Float64Array(size * size);
  const own = { ...of, rows: landmarks, count: size };
  for (let i = 0; i < size; i++) {
    fillKernelRow(own, landmarks, i * columns, between.subarray(i * size, (i + 1) * size));
  }
  const { values, vectors } = symmetricEigen(between, size);
  const least = LEAST_EIGENVALUE * values[size - 1]!;
  const first = values.findIndex((value) => value > least);
  const width = size - first;
  const projection = new Float64Array(size * width);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < width; k++) {
      projection[i * width + k] = vectors[i * size + first + k]! / Math.sqrt(values[first + k]!);
    }
  }
  return { landmarks, projection, width };
}

/** The features of the given rows, [rows, width]. */
export async function nystroemFeatures(
  { landmarks, projection, width }: NystroemFeatures,
  { rows, columns, gamma }: KernelRows,
  chosen: Uint32Array,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const x = input("x", [symbol("N"), columns], "float64");
  const size = landmarks.length / columns;
  const kernel = rbfGraph(x, landmarks, columns, gamma);
  const features = matmul(cast(kernel, "float32"), constant(Float32Array.from(projection), [size, width]));
  const session = await openSession(emitModel({ outputs: { features } }));
  try {
    const all = new Float32Array(chosen.length * width);
    const batch = Math.max(1, Math.floor(ELEMENTS_PER_CALL / Math.max(size, columns)));
    for (let from = 0; from < chosen.length; from += batch) {
      signal?.throwIfAborted();
      const to = Math.min(chosen.length, from + batch);
      const data = new Float64Array((to - from) * columns);
      for (let i = from; i < to; i++) {
        const at = chosen[i]! * columns;
        data.set(rows.subarray(at, at + columns), (i - from) * columns);
      }
      const part = await session.run({ x: { dtype: "float64", shape: [to - from, columns], data } });
      all.set(part.features!.data as Float32Array, from * width);
    }
    return all;
  } finally {
    await session.close();
  }
}
