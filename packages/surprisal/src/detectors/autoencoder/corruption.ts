import { add, cast, greaterEqual, less, mul, type NoiseSpec, type Tensor } from "@surprisal/engine";

type Float = Tensor<"float32">;

export const corruptionKinds = ["none", "gaussian", "masking", "dropout", "saltAndPepper"] as const;

/** What is done to a row before a denoising autoencoder sees it (Vincent et al. 2010, section 3.3): plain data. */
export interface Corruption {
  readonly kind: (typeof corruptionKinds)[number];
  /** Deviation of the Gaussian noise in prepared units; else the part of the values that are changed. */
  readonly level: number;
}

/** The noise that corrupting rows of that width takes. */
export function corruptionNoise({ kind }: Corruption, width: number): Record<string, NoiseSpec> {
  if (kind === "none") return {};
  return { corruption: { shape: [width], distribution: kind === "gaussian" ? "normal" : "uniform" } };
}

/**
 * Corrupted rows x: Gaussian noise added; masked values set to 0; dropout, which also divides the others
 * by the part that is kept; or half of the changed values set to 0 and half to 1.
 */
export function corrupt(
  x: Float,
  { corruption }: Readonly<Record<string, Float>>,
  { kind, level }: Corruption,
): Float {
  if (!corruption) return x;
  if (kind === "gaussian") return add(x, mul(corruption, level));
  const kept = mul(x, cast(greaterEqual(corruption, level), "float32"));
  if (kind === "dropout") return mul(kept, 1 / (1 - level));
  return kind === "masking" ? kept : add(kept, cast(less(corruption, level / 2), "float32"));
}
