import { cast, pow, scalar, sub, type Tensor } from "../../tensor/index.js";
import type { Schedule } from "../schedules.js";

type Vector = Tensor<"float32">;

/** What an update is made of: flat vectors of trainable parameters, and scalars. */
export interface UpdateContext {
  readonly parameters: Vector;
  readonly gradient: Vector;
  readonly slots: Readonly<Record<string, Vector>>;
  readonly learningRate: Tensor<"float32">;
  /** Number of this update, from 1; skipped steps do not count. float64, for powers close to 1. */
  readonly step: Tensor<"float64">;
}

export interface Update {
  readonly parameters: Vector;
  readonly slots: Readonly<Record<string, Vector>>;
}

/**
 * An optimizer: the update of the parameters as an expression. Slots are the vectors it remembers,
 * zero at first.
 */
export interface Optimizer {
  readonly name: string;
  readonly learningRate: Schedule;
  /** All other options, for the record. */
  readonly options: Readonly<Record<string, number | boolean>>;
  readonly slots: readonly string[];
  readonly update: (context: UpdateContext) => Update;
}

/** 1 - β^step in float64: in float32 it would lose half its digits at the first steps. */
export function biasCorrection(beta: number, step: Tensor<"float64">): Tensor<"float64"> {
  return sub(1, pow(scalar(beta, "float64"), step));
}

export function toFloat64(x: Tensor): Tensor<"float64"> {
  return cast(x, "float64");
}

export function toFloat32(x: Tensor): Tensor<"float32"> {
  return cast(x, "float32");
}

/** Throws a `RangeError` naming the option unless low ≤ value < high. */
export function requireRange(option: string, value: number, low: number, high: number): void {
  if (!(value >= low && value < high)) {
    throw new RangeError(`${option} must be at least ${low} and less than ${high}, got ${value}`);
  }
}
