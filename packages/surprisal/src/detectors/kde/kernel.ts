import { logGamma } from "../../numeric/index.js";

/** Kernels of scikit-learn's KernelDensity, as functions of u = distance / bandwidth. */
export const kernels = ["gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine"] as const;

export type Kernel = (typeof kernels)[number];

/** Whether a kernel is 0 from one bandwidth on. */
export function isCompact(kernel: Kernel): boolean {
  return kernel !== "gaussian" && kernel !== "exponential";
}

/** The kernel's value at u ≥ 0, 1 at 0. */
export function kernelValue(kernel: Kernel, u: number): number {
  if (kernel === "gaussian") return Math.exp(-0.5 * u * u);
  if (kernel === "exponential") return Math.exp(-u);
  if (!(u < 1)) return 0;
  if (kernel === "tophat") return 1;
  if (kernel === "epanechnikov") return 1 - u * u;
  if (kernel === "linear") return 1 - u;
  return Math.cos((Math.PI / 2) * u);
}

/** log of the volume of the unit ball. */
function logBallVolume(columns: number): number {
  return (columns / 2) * Math.log(Math.PI) - logGamma(columns / 2 + 1);
}

/**
 * ∫₀¹ cos(πr/2) r^(d-1) dr by the cosine's power series, whose terms are integrated one by one. (The
 * recursion by parts loses all digits from some twenty columns on.)
 */
function cosineMoment(columns: number): number {
  let power = 1;
  let total = 0;
  for (let k = 0; Math.abs(power) > 1e-20; k++) {
    total += power / (columns + 2 * k);
    power *= -((Math.PI / 2) ** 2) / ((2 * k + 1) * (2 * k + 2));
  }
  return total;
}

/** log of the kernel's integral over the space at bandwidth 1. */
function logIntegral(kernel: Kernel, columns: number): number {
  const ball = logBallVolume(columns);
  switch (kernel) {
    case "gaussian":
      return (columns / 2) * Math.log(2 * Math.PI);
    case "tophat":
      return ball;
    case "epanechnikov":
      return ball + Math.log(2 / (columns + 2));
    case "exponential":
      return ball + logGamma(columns + 1);
    case "linear":
      return ball - Math.log(columns + 1);
    case "cosine":
      return ball + Math.log(columns) + Math.log(cosineMoment(columns));
  }
}

/** log of what the kernel is divided by at a bandwidth to integrate to 1 over `columns` dimensions. */
export function logNormalizer(kernel: Kernel, columns: number, bandwidth: number): number {
  return logIntegral(kernel, columns) + columns * Math.log(bandwidth);
}
