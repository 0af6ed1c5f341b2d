import { expect } from "vitest";
import type { HostTensor } from "../tensor/dtype.js";

/** Numbers in row-major order, or a tensor. */
export type Numbers = HostTensor | ArrayLike<number | bigint | boolean> | number;

export interface Tolerance {
  /** Relative to the expected value. Default 1e-5. */
  readonly rtol?: number;
  /** Default 1e-6. */
  readonly atol?: number;
}

interface Values {
  readonly shape: readonly number[] | undefined;
  readonly data: readonly number[];
}

function valuesOf(value: Numbers): Values {
  if (typeof value === "number") return { shape: undefined, data: [value] };
  if ("dtype" in value) return { shape: value.shape, data: Array.from(value.data, Number) };
  return { shape: undefined, data: Array.from(value, Number) };
}

function isClose(actual: number, expected: number, { rtol = 1e-5, atol = 1e-6 }: Tolerance): boolean {
  if (Object.is(actual, expected) || actual === expected) return true;
  if (Number.isNaN(actual) || Number.isNaN(expected)) return Number.isNaN(actual) && Number.isNaN(expected);
  return Math.abs(actual - expected) <= atol + rtol * Math.abs(expected);
}

/** Where an element stands, as [row, column, ...] when the shape is known. */
function position(index: number, shape: readonly number[] | undefined): string {
  if (!shape) return `[${index}]`;
  let rest = index;
  const places = shape.toReversed().map((dim) => {
    const place = rest % dim;
    rest = Math.floor(rest / dim);
    return place;
  });
  return `[${places.reverse().join(", ")}]`;
}

/** What is wrong, or undefined. Shapes are compared where both sides have one. */
function difference(received: Numbers, expected: Numbers, tolerance: Tolerance): string | undefined {
  const [a, b] = [valuesOf(received), valuesOf(expected)];
  if (a.shape && b.shape && a.shape.join() !== b.shape.join()) {
    return `expected shape [${b.shape.join(", ")}], got [${a.shape.join(", ")}]`;
  }
  if (a.data.length !== b.data.length) return `expected ${b.data.length} elements, got ${a.data.length}`;
  const wrong = a.data.flatMap((value, i) => (isClose(value, b.data[i] as number, tolerance) ? [] : [i]));
  const [first] = wrong;
  if (first === undefined) return undefined;
  return (
    `${wrong.length} of ${b.data.length} elements differ, first at ${position(first, a.shape ?? b.shape)}: ` +
    `expected ${b.data[first]}, got ${a.data[first]}`
  );
}

expect.extend({
  toBeAllClose(received: Numbers, expected: Numbers, tolerance: Tolerance = {}) {
    const wrong = difference(received, expected, tolerance);
    return {
      pass: wrong === undefined,
      message: () => wrong ?? "expected values that differ, but all are close",
    };
  },
});

declare module "vitest" {
  interface Matchers<T> {
    /**
     * |received - expected| ≤ atol + rtol · |expected| for every element; NaN equals NaN; shapes
     * must agree where both sides are tensors.
     */
    toBeAllClose(expected: Numbers, tolerance?: Tolerance): void;
  }
}
