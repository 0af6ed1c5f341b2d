/**
 * Number of single-character insertions, deletions, substitutions and swaps of neighbours that turn
 * `a` into `b` (optimal string alignment distance).
 */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, current[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}

/** Lower case without separators, so that "Fashion_MNIST" and "fashion-mnist" are the same word. */
const fold = (word: string): string => word.toLowerCase().replace(/[\s_.-]+/g, "");

/**
 * The candidate nearest to a mistyped word, or undefined when none is near enough (more than a third
 * of the letters wrong). Case and separators do not count; a candidate that begins with the word, or
 * the other way round, counts as near from three letters on.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(word).slice(0, 200);
  if (wanted === "") return undefined;
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const offered = fold(candidate);
    if (Math.abs(offered.length - wanted.length) > 20 || offered === "") continue;
    let distance = editDistance(wanted, offered);
    const shorter = Math.min(wanted.length, offered.length);
    if (shorter >= 3 && (offered.startsWith(wanted) || wanted.startsWith(offered))) {
      distance = Math.min(distance, 1);
    }
    if (distance > Math.max(1, Math.floor(Math.max(wanted.length, offered.length) / 3))) continue;
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

/**
 * The end of a sentence about an unknown name: ` Did you mean "x"?` when a candidate is near, else
 * ` Known <what>: a, b, c.` (at most `limit` names), else the empty string.
 */
export function suggestion(word: string, candidates: Iterable<string>, what = "names", limit = 30): string {
  const all = [...candidates];
  const near = didYouMean(word, all);
  if (near !== undefined) return ` Did you mean "${near}"?`;
  if (all.length === 0) return "";
  const more = all.length > limit ? `, and ${all.length - limit} more` : "";
  return ` Known ${what}: ${all.slice(0, limit).join(", ")}${more}.`;
}
