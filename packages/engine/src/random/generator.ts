/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021):
 * 128 bits of state, period 2^128 - 1, 32 bits a step, only 32-bit integer arithmetic.
 */
export type GeneratorState = Uint32Array;

/** The next 32 bits as a signed integer; advances the state. */
export function nextInt32(state: GeneratorState): number {
  const s0 = state[0]!;
  const s1 = state[1]!;
  const s2 = state[2]! ^ s0;
  const s3 = state[3]! ^ s1;
  const scrambled = Math.imul(s1, 5);
  state[1] = s1 ^ s2;
  state[0] = s0 ^ s3;
  state[2] = s2 ^ (s1 << 9);
  state[3] = (s3 << 11) | (s3 >>> 21);
  return Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
}

/** The finalizer of MurmurHash3 (Appleby, 2011): every input bit moves every output bit. */
function avalanche(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * The starting state of the stream `name` of `seed`: four hashes of both, each begun with its own
 * constant, so that two names or two seeds share nothing.
 */
export function seedState(seed: number, name: string): GeneratorState {
  const bytes = new TextEncoder().encode(name);
  const words = [seed | 0, Math.floor(seed / 2 ** 32) | 0, bytes.length];
  for (let i = 0; i < bytes.length; i += 4) {
    words.push(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
  const state = new Uint32Array(4);
  for (let lane = 0; lane < 4; lane++) {
    // Multiples of the golden ratio 2^32 / phi, as splitmix uses.
    let h = Math.imul(0x9e3779b9, lane + 1);
    for (const word of words) h = (Math.imul(avalanche(h ^ word), 5) + 0x9e3779b9) | 0;
    state[lane] = avalanche(h);
  }
  // The all-zero state is the one fixed point of the generator.
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}
