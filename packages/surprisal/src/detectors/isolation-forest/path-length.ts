const EULER_MASCHERONI = 0.5772156649015329;

/**
 * c(n): the mean number of comparisons of an unsuccessful search in a binary search tree of n keys,
 * which is the mean path length of an isolation tree that goes on until every row is alone (Liu,
 * Ting & Zhou 2008, equation 1; c(2) = 1 and c(n) = 0 below).
 */
export function averagePathLength(rows: number): number {
  if (rows <= 1) return 0;
  if (rows === 2) return 1;
  return 2 * (Math.log(rows - 1) + EULER_MASCHERONI) - (2 * (rows - 1)) / rows;
}
