/** Words of the Mersenne Twister's state, and the distance of the words that it combines. */
const SIZE = 624;
const SHIFT = 397;

/** numpy's `RandomState`: the stream of 32-bit words that a seed begins, and what is drawn from it. */
export interface RandomState {
  /** An integer in [0, `bound`), `bound` at most 2³²: `randint(bound)`. */
  integer(bound: number): number;
}

/**
 * `numpy.random.RandomState(seed)`, the generator that scikit-learn draws from: MT19937 (Matsumoto &
 * Nishimura 1998, with the initialization of 2002), integers by masking and rejection. The seed is
 * an integer in [0, 2³²).
 */
export function randomState(seed: number): RandomState {
  const key = new Uint32Array(SIZE);
  key[0] = seed;
  for (let i = 1; i < SIZE; i++) {
    const last = key[i - 1]!;
    key[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
  }

  // Words are renewed one by one: most streams here give a few and are left.
  let place = 0;
  const uint32 = () => {
    const next = place + 1 === SIZE ? 0 : place + 1;
    const far = place + SHIFT < SIZE ? place + SHIFT : place + SHIFT - SIZE;
    const joined = (key[place]! & 0x80000000) | (key[next]! & 0x7fffffff);
    let word = key[far]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    key[place] = word;
    place = next;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  };

  const integer = (bound: number) => {
    const last = bound - 1;
    // numpy draws nothing where there is nothing to choose.
    if (last === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(last);
    let drawn = (uint32() & mask) >>> 0;
    while (drawn > last) drawn = (uint32() & mask) >>> 0;
    return drawn;
  };
  return { integer };
}

/** The generator of scikit-learn's trees (Marsaglia 2003, 13-17-5): 31 of the 32 bits of each state. */
export function xorShift(seed: number): () => number {
  let state = seed === 0 ? 1 : seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0x7fffffff;
  };
}

/** Above this part of the population a whole permutation is drawn, below it number after number. */
const PERMUTATION_FROM = 0.01;
/** From this part on, a reservoir is drawn. */
const RESERVOIR_FROM = 0.99;

/**
 * `count` of the integers below `population`, each at most once: the sets, and the random numbers
 * spent on them, of scikit-learn's `sample_without_replacement` with its automatic method.
 */
export function sampleWithoutReplacement(population: number, count: number, state: RandomState): Uint32Array {
  const part = count / population;
  if (part > PERMUTATION_FROM && part < RESERVOIR_FROM) {
    const order = Uint32Array.from({ length: population }, (_, i) => i);
    for (let i = population - 1; i > 0; i--) {
      const j = state.integer(i + 1);
      const item = order[i]!;
      order[i] = order[j]!;
      order[j] = item;
    }
    return order.slice(0, count);
  }
  if (part >= RESERVOIR_FROM) {
    const reservoir = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count; i < population; i++) {
      const j = state.integer(i + 1);
      if (j < count) reservoir[j] = i;
    }
    return reservoir;
  }
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(state.integer(population));
  return Uint32Array.from(chosen);
}
