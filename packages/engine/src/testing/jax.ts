import { defaultDevice, grad, init, type Array as JaxArray, numpy as np } from "@jax-js/jax";
import type { HostTensor } from "../tensor/dtype.js";

export type { JaxArray };

/** A function of the inputs, in jax-js; `x(i)` is input i, to be called anew for each use. */
export type JaxFunction = (x: (index: number) => JaxArray) => JaxArray;

let started: Promise<unknown> | undefined;

/** Starts jax-js on its WebAssembly backend. */
async function start(): Promise<void> {
  started ??= init("wasm").then(() => defaultDevice("wasm"));
  await started;
}

/** A float32 array of jax-js. */
export function jaxArray(values: ArrayLike<number>, shape: readonly number[]): JaxArray {
  return np.array(Float32Array.from(values)).reshape([...shape]);
}

/** An int32 array of jax-js. */
export function jaxIndices(values: readonly number[], shape: readonly number[] = [values.length]): JaxArray {
  return np.array([...values], { dtype: np.int32 }).reshape([...shape]);
}

async function numbers(array: JaxArray): Promise<number[]> {
  return Array.from((await array.data()) as Float32Array);
}

/**
 * The value of f at the inputs and the gradients of Σ f · cotangent with respect to each of them,
 * by jax-js.
 */
export async function jaxGradients(
  f: JaxFunction,
  inputs: readonly HostTensor<"float32">[],
  cotangent: HostTensor<"float32">,
): Promise<{ value: number[]; gradients: number[][] }> {
  await start();
  const arrays = inputs.map(({ data, shape }) => jaxArray(data, shape));
  const value = await numbers(f((i) => (arrays[i] as JaxArray).ref));
  const loss = (...xs: JaxArray[]) =>
    np.sum(f((i) => (xs[i] as JaxArray).ref).mul(jaxArray(cotangent.data, cotangent.shape)));
  const argnums = inputs.map((_, i) => i);
  const gradients = grad(loss, { argnums })(...arrays) as unknown as JaxArray[];
  return { value, gradients: await Promise.all(gradients.map(numbers)) };
}
