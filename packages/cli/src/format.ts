/** A number as people read it: `digits` significant digits, no trailing zeros. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value) || Number.isInteger(value))
    return Number.isFinite(value) ? formatCount(value) : String(value);
  return Number(value.toPrecision(digits)).toString();
}

/** A whole number with its thousands apart. */
export function formatCount(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A metric between 0 and 1, with four places. */
export const formatRate = (value: number): string => value.toFixed(4);

export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Seconds to the millisecond, for JSON. */
export const toMilliseconds = (seconds: number): number => Number(seconds.toFixed(3));

/** A size of a file in decimal units. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** "1 row", "2 rows". */
export const plural = (count: number, word: string): string =>
  `${formatCount(count)} ${word}${count === 1 ? "" : word.endsWith("y") ? "" : "s"}`.replace(
    /([^aeiou])y$/,
    (whole, before: string) => (count === 1 ? whole : `${before}ies`),
  );

/**
 * The shortest decimal number that is the same float32: 0.1 and not 0.10000000149011612, so that
 * output is short and still exact. Order is kept. Other numbers pass as they are.
 */
export function shortFloat32(value: number): number {
  if (!Number.isFinite(value) || Math.fround(value) !== value) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
