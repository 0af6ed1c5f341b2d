/**
 * Neighbours in float32. A graph compares in float32; a float64 limit rounded the right way gives
 * the same comparisons as the limit itself.
 */
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The smallest float32 above a float32 value; Infinity and NaN stay. */
export function nextFloat32(value: number): number {
  if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) return value;
  float[0] = value === 0 ? 0 : value;
  // Read as an integer, a float's magnitude is ordered as the float is.
  bits[0] = value < 0 ? bits[0]! - 1 : bits[0]! + 1;
  return float[0]!;
}

/** The largest float32 below a float32 value; -Infinity and NaN stay. */
export function previousFloat32(value: number): number {
  return -nextFloat32(-value);
}

/**
 * The largest float32 that is not above `value`. For every float32 x, x > value exactly where
 * x > floorFloat32(value), and x ≤ value exactly where x ≤ floorFloat32(value).
 */
export function floorFloat32(value: number): number {
  const nearest = Math.fround(value);
  return nearest > value ? previousFloat32(nearest) : nearest;
}

/**
 * A float32 with `lower` ≤ it < `upper`, about midway; falls back to `lower` where the two have no
 * float32 between them.
 */
export function betweenFloat32(lower: number, upper: number): number {
  if (lower === Number.NEGATIVE_INFINITY) return previousFloat32(floorFloat32(upper));
  const middle = floorFloat32(lower / 2 + upper / 2);
  return middle >= lower && middle < upper ? middle : lower;
}
