import { type GeneratorState, nextInt32 } from "./generator.js";

/**
 * The ziggurat of the standard normal (Marsaglia and Tsang, 2000) with 256 strips of equal area.
 * Eight bits of a word choose the strip and the other 24 the abscissa, so the two are independent
 * (the flaw of the original that Doornik, 2005, points out).
 */
const STRIPS = 256;
/** Where the tail begins, and the area of a strip, for 256 strips. */
const TAIL = 3.6541528853610088;
const AREA = 0.00492867323399;
/** The abscissa is a signed 24-bit integer. */
const RESOLUTION = 2 ** 23;

const density = (x: number) => Math.exp(-0.5 * x * x);

/** Right edges of the strips from the bottom (a virtual edge that makes its area whole) to 0. */
const edges = new Float64Array(STRIPS + 1);
edges[0] = AREA / density(TAIL);
edges[1] = TAIL;
for (let i = 2; i < STRIPS; i++) {
  edges[i] = Math.sqrt(-2 * Math.log(AREA / edges[i - 1]! + density(edges[i - 1]!)));
}
const heights = edges.map(density);
/** Width of one step of the abscissa in a strip, and the steps that lie under the next strip. */
const scales = edges.map((edge) => edge / RESOLUTION);
const inside = new Int32Array(STRIPS);
for (let i = 0; i < STRIPS; i++) inside[i] = Math.floor((edges[i + 1]! / edges[i]!) * RESOLUTION);

/** A uniform number in (0, 1) from 32 bits. */
function openUniform(state: GeneratorState): number {
  return ((nextInt32(state) >>> 0) + 0.5) / 2 ** 32;
}

/** The rest of a draw whose abscissa left the sure part of its strip; `undefined` when it is rejected. */
function edgeCase(state: GeneratorState, strip: number, x: number): number | undefined {
  if (strip === 0) {
    // The tail: Marsaglia, 1964.
    for (;;) {
      const excess = -Math.log(openUniform(state)) / TAIL;
      if (-2 * Math.log(openUniform(state)) > excess * excess) return x < 0 ? -TAIL - excess : TAIL + excess;
    }
  }
  const height = heights[strip]! + openUniform(state) * (heights[strip + 1]! - heights[strip]!);
  return height < density(x) ? x : undefined;
}

/** One sample of the standard normal. */
export function nextNormal(state: GeneratorState): number {
  for (;;) {
    const bits = nextInt32(state);
    const strip = bits & 255;
    const step = bits >> 8;
    const x = step * scales[strip]!;
    if (Math.abs(step) < inside[strip]!) return x;
    const sample = edgeCase(state, strip, x);
    if (sample !== undefined) return sample;
  }
}

/** Fills `target` with samples of the standard normal: the same values as calls of `nextNormal`. */
export function fillNormal(state: GeneratorState, target: Float32Array | Float64Array): void {
  // The state lives in locals on the common path: half the time of calling nextNormal.
  let s0 = state[0]! | 0;
  let s1 = state[1]! | 0;
  let s2 = state[2]! | 0;
  let s3 = state[3]! | 0;
  for (let i = 0; i < target.length; ) {
    const scrambled = Math.imul(s1, 5);
    const bits = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);
    const strip = bits & 255;
    const step = bits >> 8;
    const x = step * scales[strip]!;
    if (Math.abs(step) < inside[strip]!) {
      target[i++] = x;
      continue;
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = s3;
    const sample = edgeCase(state, strip, x);
    s0 = state[0]! | 0;
    s1 = state[1]! | 0;
    s2 = state[2]! | 0;
    s3 = state[3]! | 0;
    if (sample !== undefined) target[i++] = sample;
  }
  state[0] = s0;
  state[1] = s1;
  state[2] = s2;
  state[3] = s3;
}
