import { describe, expect, it } from "vitest";
import { tableFromMatrix, toNDArray } from "./arrays.js";
import { parseLabelSpec, splitLabel } from "./labels.js";
import { dropColumns, selectColumns, tableFromRows, takeRows } from "./table-parts.js";

const table = tableFromRows([
  { x: 1, kind: "normal", class: 0 },
  { x: 2, kind: "fraud", class: 1 },
  { x: 3, kind: "normal", class: 0 },
]);

describe("tableFromRows", () => {
  it("makes columns of numbers, truth values, dates and text", () => {
    const made = tableFromRows([
      { a: 1, b: true, d: new Date(1500), s: "x" },
      { a: 2n, b: null, s: null, late: 5 },
    ]);
    expect(made.columns.map(({ name }) => name)).toEqual(["a", "b", "d", "s", "late"]);
    expect(made.columns.map(({ values }) => [...values])).toEqual([
      [1, 2],
      [1, Number.NaN],
      [1.5, Number.NaN],
      ["x", null],
      [Number.NaN, 5],
    ]);
  });

  it("refuses rows that make no table", () => {
    expect(() => tableFromRows([])).toThrow(/no rows/);
    expect(() => tableFromRows([{}])).toThrow(/no columns/);
    expect(() => tableFromRows([{ a: 1 }, { a: "x" }])).toThrow(/"a" mixes.*row 1 holds 1, row 2 holds "x"/);
    expect(() => tableFromRows([{ a: {} }])).toThrow(/"a", row 1.*object/);
    expect(() => tableFromRows([null as never])).toThrow(/Row 1/);
  });

  it("does not take inherited names for columns", () => {
    expect(tableFromRows([{ toString: 1 }, { a: 2 }]).columns[0]!.values).toEqual(
      Float64Array.of(1, Number.NaN),
    );
  });
});

describe("parts of tables", () => {
  it("selects, drops and takes", () => {
    expect(selectColumns(table, ["class", "x"]).columns.map(({ name }) => name)).toEqual(["class", "x"]);
    expect(dropColumns(table, ["x"]).columns.map(({ name }) => name)).toEqual(["kind", "class"]);
    const taken = takeRows(table, [2, 0, 2]);
    expect(taken.rowCount).toBe(3);
    expect(taken.columns.map(({ values }) => [...values])).toEqual([
      [3, 1, 3],
      ["normal", "normal", "normal"],
      [0, 0, 0],
    ]);
  });

  it("names what is not there", () => {
    expect(() => selectColumns(table, ["clas"])).toThrow(/"clas".*Did you mean "class"/);
    expect(() => dropColumns(table, ["y"])).toThrow(/no column "y"/);
    expect(() => takeRows(table, [3])).toThrow(/no row 3/);
    expect(() => takeRows(table, [0.5])).toThrow(/no row 0.5/);
  });
});

describe("splitLabel", () => {
  it("takes the rows of a value, or of 1, for anomalies", () => {
    expect([...splitLabel(table, "class=1").labels]).toEqual([0, 1, 0]);
    expect([...splitLabel(table, "class").labels]).toEqual([0, 1, 0]);
    expect([...splitLabel(table, "kind=fraud").labels]).toEqual([0, 1, 0]);
    expect([...splitLabel(table, "x=3").labels]).toEqual([0, 0, 1]);
    expect(splitLabel(table, "class=1").features.columns.map(({ name }) => name)).toEqual(["x", "kind"]);
    expect([...splitLabel(table, "x=9").labels]).toEqual([0, 0, 0]);
  });

  it("reads true and false", () => {
    const truths = tableFromRows([
      { x: 1, bad: "True" },
      { x: 2, bad: "false" },
    ]);
    expect([...splitLabel(truths, "bad").labels]).toEqual([1, 0]);
    const numbers = tableFromRows([
      { x: 1, bad: true },
      { x: 2, bad: false },
    ]);
    expect([...splitLabel(numbers, "bad=true").labels]).toEqual([1, 0]);
  });

  it("finds columns whose names hold =", () => {
    const odd = tableFromRows([{ "a=b": 1, x: 0 }]);
    expect(parseLabelSpec("a=b", ["a=b"])).toEqual({ column: "a=b" });
    expect([...splitLabel(odd, "a=b=1").labels]).toEqual([1]);
  });

  it("explains unknown columns and values, and labels that are none", () => {
    expect(() => splitLabel(table, "clas=1")).toThrow(/label column "clas".*Did you mean "class"/);
    expect(() => splitLabel(table, "kind=fraudd")).toThrow(/Did you mean "kind=fraud"/);
    expect(() => splitLabel(table, "kind=zzzzz")).toThrow(/It holds: normal, fraud/);
    expect(() => splitLabel(table, "class=abc")).toThrow(/"abc"/);
    expect(() => splitLabel(table, "kind")).toThrow(/must hold 0 and 1.*"normal".*kind=value/);
    expect(() => splitLabel(table, "x")).toThrow(/data row 2 holds 2/);
    expect(() => splitLabel(table, "class=")).toThrow(/column=value/);
    expect(() => splitLabel(tableFromRows([{ y: 1 }]), "y")).toThrow(/only the label/);
    expect(() =>
      splitLabel(
        tableFromRows([
          { y: null, x: 1 },
          { y: 1, x: 1 },
        ]),
        "y=1",
      ),
    ).toThrow(/no value in data row 1/);
  });
});

describe("toNDArray", () => {
  it("lays rows out flat and passes arrays on", () => {
    expect(
      toNDArray([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ).toEqual({ data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] });
    expect(toNDArray([Float32Array.of(1, 2)]).shape).toEqual([1, 2]);
    const array = { data: new Uint8Array(12), shape: [3, 2, 2] };
    expect(toNDArray(array)).toBe(array);
  });

  it("explains rows that make no array", () => {
    expect(() => toNDArray([])).toThrow(/no rows/);
    expect(() => toNDArray([[]])).toThrow(/no columns/);
    expect(() => toNDArray([[1, 2], [3]])).toThrow(/Row 2.*1 values, row 1 has 2/);
    expect(() => toNDArray([[1], ["2" as never]])).toThrow(/Row 2, column 1.*"2"/);
    expect(() => toNDArray([1, 2] as never)).toThrow(/Row 1/);
    expect(() => toNDArray([[1], undefined as never])).toThrow(/Row 2/);
    expect(() => toNDArray({ data: new Float64Array(3), shape: [2, 2] })).toThrow(/needs 4 values, not 3/);
    expect(() => toNDArray({ data: new Float64Array(0), shape: [0, 2] })).toThrow(/at least 1/);
    expect(() => toNDArray({} as never)).toThrow(/typed array/);
  });
});

describe("tableFromMatrix", () => {
  it("names columns and checks the names", () => {
    const made = tableFromMatrix({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] });
    expect(made.columns.map(({ name, values }) => [name, ...values])).toEqual([
      ["x1", 1, 3],
      ["x2", 2, 4],
    ]);
    expect(tableFromMatrix([[1, 2]], ["a", "b"]).columns[1]!.name).toBe("b");
    expect(() => tableFromMatrix([[1, 2]], ["a"])).toThrow(/1 names.*2 columns/);
    expect(() => tableFromMatrix([[1, 2]], ["a", "a"])).toThrow(/not all different/);
    expect(() => tableFromMatrix({ data: new Uint8Array(8), shape: [2, 2, 2] })).toThrow(/2 axes/);
  });
});
