/**
 * How strongly a confusion cell is filled for its share of its class: never so much that text on it
 * is hard to read. This file is also placed, compiled, in report pages: it imports nothing.
 */
export function cellOpacity(share: number): number {
  return Number.isFinite(share) ? Math.round((0.05 + 0.3 * share) * 1000) / 1000 : 0.05;
}
