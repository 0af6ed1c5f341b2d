/** A curve as columns: `x[i]`, `y[i]`. */
export interface Curve {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
}

/**
 * The points of a curve that a figure of this size can show: a point is left out when it lies
 * within half a pixel of the last one kept, so that no part of the drawn line is off by more.
 * `x` and `y` are in 0…1.
 */
export function visiblePoints(curve: Curve, width: number, height: number): [number, number][] {
  const kept: [number, number][] = [];
  const { length } = curve.x;
  for (let i = 0; i < length; i++) {
    const x = curve.x[i]!;
    const y = curve.y[i]!;
    const last = kept.at(-1);
    const moved =
      !last ||
      Math.abs(x - last[0]) * width >= 0.5 ||
      Math.abs(y - last[1]) * height >= 0.5 ||
      i === length - 1;
    if (moved) kept.push([x, y]);
  }
  return kept;
}
