/**
 * How the elements of a tensor lie in memory. The buffer is row-major over physical axes of the
 * given `sizes`; `parts` lists, for each logical axis, the physical axes that make it up, the most
 * significant first. Transposes, most reshapes and broadcasts only change the arrangement.
 *
 * A logical axis without parts is of length 1 or repeats one value. An axis whose parts hold more
 * places than its length is padded at the end (channels, to a whole number of blocks).
 */
export interface Arrangement {
  readonly shape: readonly number[];
  readonly sizes: readonly number[];
  readonly parts: readonly (readonly number[])[];
}

export function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}

/** Row-major order, as ONNX has it. */
export function plain(shape: readonly number[]): Arrangement {
  return canonical({ shape, sizes: shape, parts: shape.map((_, axis) => [axis]) });
}

/** Blocked channels: [N, C / block, H, W, block], channels padded to whole blocks. */
export function blocked(shape: readonly number[], block: number): Arrangement {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  return canonical({
    shape,
    sizes: [batch, Math.ceil(channels / block), height, width, block],
    parts: [[0], [1, 4], [2], [3]],
  });
}

/** [N, H, W, C] for logical [N, C, H, W]. */
export function channelsLast(shape: readonly number[]): Arrangement {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  return canonical({ shape, sizes: [batch, height, width, channels], parts: [[0], [3], [1], [2]] });
}

/**
 * The one form of an arrangement: no physical axis of size 1, and axes that are neighbours both in
 * memory and within one logical axis are one.
 */
export function canonical({ shape, sizes, parts }: Arrangement): Arrangement {
  const follower = new Map<number, number>();
  const kept = sizes.map((size) => size !== 1);
  const next = (axis: number) => {
    let index = axis + 1;
    while (index < sizes.length && !kept[index]) index++;
    return index;
  };
  const trimmed = parts.map((list) => list.filter((axis) => kept[axis]));
  for (const list of trimmed) {
    for (let i = 1; i < list.length; i++) {
      if (next(list[i - 1]!) === list[i]) follower.set(list[i - 1]!, list[i]!);
    }
  }
  const heads = new Set(follower.values());
  const merged: number[] = [];
  const position = new Map<number, number>();
  for (let axis = 0; axis < sizes.length; axis++) {
    if (!kept[axis]) continue;
    if (heads.has(axis)) merged[merged.length - 1]! *= sizes[axis]!;
    else {
      position.set(axis, merged.length);
      merged.push(sizes[axis]!);
    }
  }
  return {
    shape,
    sizes: merged,
    parts: trimmed.map((list) => list.flatMap((axis) => position.get(axis) ?? [])),
  };
}

/** Equal for arrangements that lay the same shape out in the same way. */
export function keyOf({ shape, sizes, parts }: Arrangement): string {
  return `${shape.join()}|${sizes.join()}|${parts.map((list) => list.join()).join(";")}`;
}

export function isPlain(arrangement: Arrangement): boolean {
  return keyOf(arrangement) === keyOf(plain(arrangement.shape));
}

/** Places of a logical axis in memory: more than its length where it is padded, 1 where it repeats. */
export function places(arrangement: Arrangement, axis: number): number {
  return product(arrangement.parts[axis]!.map((part) => arrangement.sizes[part]!));
}

export function isPadded(arrangement: Arrangement): boolean {
  return arrangement.shape.some((size, axis) => places(arrangement, axis) > size);
}

/** Whether a logical axis longer than 1 repeats one value. */
export function isRepeated(arrangement: Arrangement, axis: number): boolean {
  return arrangement.shape[axis]! > 1 && arrangement.parts[axis]!.length === 0;
}

export function transposed(arrangement: Arrangement, permutation: readonly number[]): Arrangement {
  return canonical({
    shape: permutation.map((axis) => arrangement.shape[axis]!),
    sizes: arrangement.sizes,
    parts: permutation.map((axis) => arrangement.parts[axis]!),
  });
}

/** The arrangement broadcast to `shape` by numpy's rule. */
export function broadcast(arrangement: Arrangement, shape: readonly number[]): Arrangement {
  const extra = shape.length - arrangement.shape.length;
  return canonical({
    shape,
    sizes: arrangement.sizes,
    parts: shape.map((_, axis) => arrangement.parts[axis - extra] ?? []),
  });
}

/** The same values with every repeated axis cut to length 1. */
export function withoutRepeats(arrangement: Arrangement): Arrangement {
  const shape = arrangement.shape.map((size, axis) => (isRepeated(arrangement, axis) ? 1 : size));
  return { ...arrangement, shape };
}

/** Splits `sizes` so that running products fall on those of `wanted`; undefined where they cannot. */
function commonFactors(sizes: readonly number[], wanted: readonly number[]): number[] | undefined {
  const factors: number[] = [];
  let [i, j] = [sizes.length - 1, wanted.length - 1];
  let [left, right] = [sizes[i] ?? 1, wanted[j] ?? 1];
  while (i >= 0 && j >= 0) {
    const factor = Math.min(left, right);
    if (left % factor !== 0 || right % factor !== 0) return undefined;
    factors.unshift(factor);
    left /= factor;
    right /= factor;
    if (left === 1) left = sizes[--i] ?? 1;
    if (right === 1) right = wanted[--j] ?? 1;
  }
  return factors;
}

/**
 * The arrangement with each logical axis split at the given factors too (most significant first);
 * undefined where the factors do not divide its parts. The result is not canonical: its parts are
 * exactly the common refinement.
 */
export function refined(
  arrangement: Arrangement,
  factors: readonly (readonly number[])[],
): Arrangement | undefined {
  const splits = new Map<number, number[]>();
  for (const [axis, list] of arrangement.parts.entries()) {
    if (list.length === 0) continue;
    if (product(factors[axis]!) !== places(arrangement, axis)) return undefined;
    const common = commonFactors(
      list.map((part) => arrangement.sizes[part]!),
      factors[axis]!.filter((factor) => factor !== 1),
    );
    if (!common) return undefined;
    let cursor = common.length;
    for (const part of list.toReversed()) {
      const pieces: number[] = [];
      let left = arrangement.sizes[part]!;
      while (left > 1) {
        const piece = common[--cursor]!;
        pieces.unshift(piece);
        left /= piece;
      }
      splits.set(part, pieces);
    }
  }
  const sizes: number[] = [];
  const starts = arrangement.sizes.map((size, part) => {
    const pieces = splits.get(part) ?? [size];
    sizes.push(...pieces);
    return { start: sizes.length - pieces.length, count: pieces.length };
  });
  return {
    shape: arrangement.shape,
    sizes,
    parts: arrangement.parts.map((list) =>
      list.flatMap((part) => {
        const { start, count } = starts[part]!;
        return Array.from({ length: count }, (_, i) => start + i);
      }),
    ),
  };
}

/** Sizes of the parts of each logical axis. */
export function partSizes(arrangement: Arrangement): number[][] {
  return arrangement.parts.map((list) => list.map((part) => arrangement.sizes[part]!));
}

/**
 * The arrangement seen under another shape of as many elements; undefined where the elements would
 * have to move, or a padded or repeated axis would be split or merged.
 */
export function reshaped(arrangement: Arrangement, shape: readonly number[]): Arrangement | undefined {
  if (isPlain(arrangement)) return plain(shape);
  const { shape: from } = arrangement;
  const factors: number[][] = from.map(() => []);
  const groups: { readonly olds: number[]; readonly news: number[] }[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < shape.length) {
    const olds: number[] = i < from.length ? [i++] : [];
    const news: number[] = j < shape.length ? [j++] : [];
    let [left, right] = [product(olds.map((axis) => from[axis]!)), product(news.map((axis) => shape[axis]!))];
    while (left !== right) {
      if (left < right) {
        olds.push(i);
        left *= from[i++]!;
      } else {
        news.push(j);
        right *= shape[j++]!;
      }
    }
    groups.push({ olds, news });
  }
  for (const { olds, news } of groups) {
    const [longOld, longNew] = [olds.filter((a) => from[a] !== 1), news.filter((a) => shape[a] !== 1)];
    const isKept = longOld.length === 1 && longNew.length === 1;
    const repeats = longOld.filter((axis) => isRepeated(arrangement, axis)).length;
    if (!isKept && repeats > 0 && repeats < longOld.length) return undefined;
    if (isKept || repeats > 0) {
      for (const axis of longOld) factors[axis]!.push(...partSizes(arrangement)[axis]!);
      continue;
    }
    if (longOld.some((axis) => places(arrangement, axis) !== from[axis])) return undefined;
    const common = commonFactors(
      longOld.map((axis) => from[axis]!),
      longNew.map((axis) => shape[axis]!),
    );
    if (!common) return undefined;
    let cursor = 0;
    for (const axis of longOld) {
      for (let left = from[axis]!; left > 1; left /= common[cursor++]!) factors[axis]!.push(common[cursor]!);
    }
  }
  const fine = refined(arrangement, factors);
  if (!fine) return undefined;
  const parts: number[][] = shape.map(() => []);
  for (const { olds, news } of groups) {
    const queue = olds.flatMap((axis) => fine.parts[axis]!);
    const longNew = news.filter((axis) => shape[axis] !== 1);
    for (const axis of longNew) {
      if (longNew.length === 1) {
        parts[axis]!.push(...queue);
        break;
      }
      for (let size = 1; size < shape[axis]! && queue.length > 0; ) {
        const part = queue.shift()!;
        parts[axis]!.push(part);
        size *= fine.sizes[part]!;
      }
    }
  }
  return canonical({ shape, sizes: fine.sizes, parts });
}
