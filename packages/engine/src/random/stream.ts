import { type GeneratorState, nextInt32, seedState } from "./generator.js";
import { fillNormal, nextNormal } from "./ziggurat.js";

/** A seeded source of random numbers. The same seed and name give the same numbers everywhere. */
export interface RandomStream {
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** A number in [0, 1) with 53 random bits. */
  uniform(): number;
  /** A sample of the standard normal distribution. */
  normal(): number;
  /** An integer in [0, n), without bias. Throws a `RangeError` unless 1 ≤ n ≤ 2^32. */
  integer(n: number): number;
  /** Fills the array with numbers in [0, 1) of 24 random bits, which a float32 holds exactly. */
  fillUniform(target: Float32Array | Float64Array): void;
  /** Fills the array with samples of the standard normal distribution. */
  fillNormal(target: Float32Array | Float64Array): void;
  /** The integers 0 … n-1 in random order. */
  permutation(n: number): Uint32Array;
  /**
   * `size` integers in [0, n) in random order: distinct ones, or independent ones with
   * `replace: true`. Throws a `RangeError` when `size` distinct ones do not exist.
   */
  choice(n: number, size: number, options?: { replace?: boolean }): Uint32Array;
  /** The state as four integers, for a checkpoint. */
  state(): number[];
  /** Continues from a state that `state()` gave. Throws a `RangeError` when it is not one. */
  restore(state: readonly number[]): void;
}

function requireCount(what: string, n: number, least: number): void {
  if (!Number.isInteger(n) || n < least || n > 2 ** 32) {
    throw new RangeError(`${what} must be an integer from ${least} to 2^32, got ${n}`);
  }
}

/**
 * The random stream `name` of `seed`. Each purpose takes its own name ("batches", "noise/z"), so
 * that drawing more of one never moves another.
 *
 * @param seed a safe integer. Throws a `RangeError` otherwise.
 */
export function randomStream(seed: number, name: string): RandomStream {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a safe integer, got ${seed}`);
  const words: GeneratorState = seedState(seed, name);
  const uint32 = () => nextInt32(words) >>> 0;

  /** Masks to the bits of n - 1 and draws again above it: no bias, no division. */
  function bounded(n: number): number {
    const shift = Math.clz32(n - 1);
    if (shift === 32) return 0;
    for (;;) {
      const word = (nextInt32(words) << shift) >>> shift;
      if (word < n) return word;
    }
  }

  /** The first `size` places of a Fisher-Yates shuffle of 0 … n-1. */
  function shuffled(n: number, size: number): Uint32Array {
    const items = new Uint32Array(n);
    for (let i = 0; i < n; i++) items[i] = i;
    for (let i = 0; i < size && i < n - 1; i++) {
      const j = i + bounded(n - i);
      const item = items[i]!;
      items[i] = items[j]!;
      items[j] = item;
    }
    return size === n ? items : items.slice(0, size);
  }

  return {
    uint32,
    uniform: () => (uint32() >>> 5) * 2 ** -27 + (uint32() >>> 6) * 2 ** -53,
    normal: () => nextNormal(words),
    integer(n) {
      requireCount("the bound of a random integer", n, 1);
      return bounded(n);
    },
    fillUniform(target) {
      for (let i = 0; i < target.length; i++) target[i] = (nextInt32(words) >>> 8) * 2 ** -24;
    },
    fillNormal: (target) => fillNormal(words, target),
    permutation(n) {
      requireCount("the length of a permutation", n, 0);
      return shuffled(n, n);
    },
    choice(n, size, { replace = false } = {}) {
      requireCount("the number of items to choose from", n, size > 0 ? 1 : 0);
      requireCount("the number of items to choose", size, 0);
      if (replace) return Uint32Array.from({ length: size }, () => bounded(n));
      if (size > n) throw new RangeError(`cannot choose ${size} distinct items of ${n}`);
      return shuffled(n, size);
    },
    state: () => [...words],
    restore(state) {
      const isWord = (word: number) => Number.isInteger(word) && word >= 0 && word < 2 ** 32;
      if (state.length !== 4 || !state.every(isWord) || state.every((word) => word === 0)) {
        throw new RangeError("the state of a random stream is four 32-bit integers, not all zero");
      }
      words.set(state);
    },
  };
}
