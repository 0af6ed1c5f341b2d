/** A count with thousands separators: `12,345`. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A number at four significant digits (or as many as asked), with a true minus sign. */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const far = size !== 0 && (size >= 1e6 || size < 1e-4);
  const text = far ? value.toExponential(Math.max(0, digits - 2)) : String(Number(value.toPrecision(digits)));
  return text.replace("e+", "e").replace(/-/g, "−");
}

/** A score in 0…1 at three decimals, as metrics are printed; `–` where it is not defined. */
export function formatMetric(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : "–";
}

/** A share in 0…1 as a percentage: `2.5 %`, two decimals under 1 %. */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const percent = share * 100;
  const decimals = percent === 0 || percent === 100 ? 0 : percent < 1 || percent > 99 ? 2 : 1;
  return `${percent.toFixed(decimals)} %`;
}

/** Seconds as a person reads them: `4 ms`, `1.25 s`, `3 min 20 s`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 0.0995) return `${formatNumber(seconds * 1000, 2)} ms`;
  if (seconds < 120) return `${formatNumber(seconds, 3)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${formatCount(minutes)} min ${Math.round(seconds - 60 * minutes)} s`;
}

/** A file size: `512 bytes`, `83.1 kB`, `2.4 MB` (powers of 1000). */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${formatNumber(bytes / 1e3, 3)} kB`;
  return `${formatNumber(bytes / 1e6, 3)} MB`;
}
