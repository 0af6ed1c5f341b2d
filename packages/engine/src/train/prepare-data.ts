import type { DType } from "../tensor/index.js";
import type { PlanArray, PlanData } from "./plan.js";
import type { DataArray } from "./problem.js";
import { requireWhole } from "./whole.js";

/** The array with memory that threads share, where there is such memory; float64 becomes float32. */
function share(data: DataArray["data"]): PlanArray["data"] {
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  const Kind: SharedKind = isFloat ? Float32Array : data instanceof Int32Array ? Int32Array : Uint8Array;
  if (typeof SharedArrayBuffer === "undefined") return new Kind(data);
  if (data.buffer instanceof SharedArrayBuffer && data instanceof Kind) return data;
  const shared = new Kind(new SharedArrayBuffer(data.length * Kind.BYTES_PER_ELEMENT));
  shared.set(data);
  return shared;
}

interface SharedKind {
  new (source: ArrayLike<number> | ArrayBufferLike): PlanArray["data"];
  readonly BYTES_PER_ELEMENT: number;
}

function dtypeOf(name: string, data: DataArray["data"]): DType {
  if (data instanceof Float32Array || data instanceof Float64Array) return "float32";
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return "uint8";
  if (data instanceof Int32Array) return "int32";
  const kind = (data as object | undefined)?.constructor?.name ?? typeof data;
  throw new TypeError(
    `data ${name} must be a Float32Array, Float64Array, Uint8Array or Int32Array, got ${kind}`,
  );
}

/** The arrays as a plan holds them. Throws a `TypeError` or `RangeError` that names the wrong one. */
export function prepareData(arrays: Readonly<Record<string, DataArray>>, what: string): PlanData {
  const names = Object.keys(arrays);
  if (names.length === 0) throw new RangeError(`${what} has no arrays`);
  const rows = arrays[names[0]!]!.shape[0] ?? 0;
  requireWhole(`the rows of ${what} ${names[0]}`, rows, 1);
  return {
    rows,
    arrays: names.map((name): PlanArray => {
      const { data, shape } = arrays[name]!;
      const dtype = dtypeOf(`${what} ${name}`, data);
      const size = shape.reduce((product, dim) => product * dim, 1);
      if (size !== data.length) {
        throw new RangeError(
          `${what} ${name} of shape [${shape.join(", ")}] needs ${size} values, got ${data.length}`,
        );
      }
      if (shape[0] !== rows) {
        throw new RangeError(`${what} ${name} has ${shape[0]} rows, but ${names[0]} has ${rows}`);
      }
      return { name, dtype, shape: shape.slice(1), rowSize: size / rows, data: share(data) };
    }),
  };
}

/** Arrays that replace some of the data. Throws as {@link prepareData}, and for another shape or type. */
export function refreshedArrays(
  data: PlanData,
  replaced: Readonly<Record<string, DataArray>>,
): readonly PlanArray[] {
  if (Object.keys(replaced).length === 0) return [];
  const { rows, arrays } = prepareData(replaced, "refreshed data");
  for (const { name, dtype, shape } of arrays) {
    const was = data.arrays.find((array) => array.name === name);
    if (!was) throw new RangeError(`the data has no ${name} to refresh`);
    if (rows !== data.rows || was.dtype !== dtype || was.shape.join() !== shape.join()) {
      throw new RangeError(
        `refreshed ${name} is ${dtype} [${[rows, ...shape].join(", ")}], but was ${was.dtype} [${[data.rows, ...was.shape].join(", ")}]`,
      );
    }
  }
  return arrays;
}

/** Throws a `RangeError` unless held-out rows have the arrays and row shapes of the data. */
export function checkValidation(data: PlanData, validation: PlanData): void {
  for (const { name, dtype, shape } of data.arrays) {
    const held = validation.arrays.find((array) => array.name === name);
    if (!held) throw new RangeError(`the validation data lacks ${name}`);
    if (held.dtype !== dtype || held.shape.join() !== shape.join()) {
      throw new RangeError(
        `validation ${name} has rows of ${held.dtype} [${held.shape.join(", ")}], but data ${name} of ${dtype} [${shape.join(", ")}]`,
      );
    }
  }
}
