import { expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatMetric,
  formatNumber,
  formatPercent,
  formatSeconds,
} from "./format.js";

test("numbers keep four significant digits and a true minus sign", () => {
  expect(formatNumber(0)).toBe("0");
  expect(formatNumber(123.456)).toBe("123.5");
  expect(formatNumber(-0.5)).toBe("−0.5");
  expect(formatNumber(1234567)).toBe("1.23e6");
  expect(formatNumber(0.000012345)).toBe("1.23e−5");
  expect(formatNumber(Number.POSITIVE_INFINITY)).toBe("∞");
  expect(formatNumber(Number.NaN)).toBe("–");
});

test("counts are grouped in thousands", () => {
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567"]);
});

test("shares, metrics, times and sizes read as a person writes them", () => {
  expect([0, 0.001, 0.025, 0.995, 1].map(formatPercent)).toEqual([
    "0 %",
    "0.10 %",
    "2.5 %",
    "99.50 %",
    "100 %",
  ]);
  expect([0.95649, Number.NaN].map(formatMetric)).toEqual(["0.956", "–"]);
  expect([0.0042, 1.2345, 200].map(formatSeconds)).toEqual(["4.2 ms", "1.23 s", "3 min 20 s"]);
  expect([512, 83_123, 2_400_000].map(formatBytes)).toEqual(["512 bytes", "83.1 kB", "2.4 MB"]);
});
