import { describe, expect, it } from "vitest";
import { splitClasses } from "./classes.js";
import { tableFromRows } from "./table-parts.js";

const table = tableFromRows([
  { width: 1, kind: "oak", year: 9 },
  { width: 2, kind: "ash", year: 10 },
  { width: 3, kind: "oak", year: 9 },
]);

describe("splitClasses", () => {
  it("numbers the classes in rising order and takes their column out", () => {
    const { features, classes, names } = splitClasses(table, "kind");
    expect(features.columns.map(({ name }) => name)).toEqual(["width", "year"]);
    expect([...classes]).toEqual([1, 0, 1]);
    expect(names).toEqual(["ash", "oak"]);
  });

  it("orders numbers as numbers", () => {
    const { classes, names } = splitClasses(table, "year");
    expect([...classes]).toEqual([0, 1, 0]);
    expect(names).toEqual(["9", "10"]);
  });

  it("refuses unknown columns, missing classes and columns of measurements", () => {
    expect(() => splitClasses(table, "kinds")).toThrow('no class column "kinds". Did you mean "kind"?');
    const gaps = tableFromRows([{ kind: "oak" }, { kind: null }]);
    expect(() => splitClasses(gaps, "kind")).toThrow('The class column "kind" has no value in data row 2.');
    const measured = tableFromRows(Array.from({ length: 1001 }, (_, x) => ({ x })));
    expect(() => splitClasses(measured, "x")).toThrow("has 1001 values, more than 1000");
  });
});
