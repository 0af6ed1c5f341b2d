/** Moves the k smallest values to the front (in any order), by quickselect with the middle of three as pivot. */
function partitionSmallest(values: Float64Array, k: number): void {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const [a, b, c] = [values[low]!, values[(low + high) >>> 1]!, values[high]!];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swapped = values[i]!;
        values[i++] = values[j]!;
        values[j--] = swapped;
      }
    }
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else return;
  }
}

/**
 * The places of the k smallest values (none NaN), in ascending order of place; of equal values the
 * first are taken. 1 ≤ k ≤ the number of values. O(n).
 */
export function smallestIndices(values: Float64Array, k: number): Uint32Array {
  const copy = values.slice();
  partitionSmallest(copy, k);
  let limit = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < k; i++) if (copy[i]! > limit) limit = copy[i]!;
  let ties = k;
  for (let i = 0; i < k; i++) if (copy[i]! < limit) ties--;
  const chosen = new Uint32Array(k);
  for (let i = 0, at = 0; at < k; i++) {
    const value = values[i]!;
    if (value < limit || (value === limit && ties-- > 0)) chosen[at++] = i;
  }
  return chosen;
}
