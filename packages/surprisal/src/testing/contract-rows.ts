import { randomStream } from "@surprisal/engine";

/**
 * Rows of five correlated columns of different scales, drawn from the named stream: two clusters
 * on a curved sheet. Anomalous rows leave the sheet but stay within the columns' ranges.
 */
export function contractRows(count: number, name: string, anomalous = false): number[][] {
  const stream = randomStream(7, name);
  return Array.from({ length: count }, () => {
    const side = stream.uniform() < 0.5 ? -2 : 2;
    const u = side + stream.normal() * 0.6;
    const v = stream.normal();
    const off = () => (anomalous ? 4 * (stream.uniform() - 0.5) : 0.15 * stream.normal());
    return [
      u + off() / 4,
      1000 + 200 * (u + v + off()),
      0.01 * (u * u - 2 + off()),
      5 + v + off(),
      Math.tanh(u) + v * 0.5 + off(),
    ];
  });
}
