import { describe, expect, it } from "vitest";
import { alignColumns } from "./style.js";

describe("alignColumns", () => {
  it("aligns columns, two blanks apart, numbers to the right", () => {
    const rows = [
      ["name", "1"],
      ["a", "1,000"],
    ];
    expect(alignColumns(rows, { right: [1] })).toBe("name      1\na     1,000\n");
  });

  it("does not count colours", () => {
    const rows = [
      ["\u001B[1mab\u001B[22m", "x"],
      ["abcd", "y"],
    ];
    expect(alignColumns(rows)).toBe("\u001B[1mab\u001B[22m    x\nabcd  y\n");
  });

  it("wraps the last column below itself", () => {
    const text = alignColumns([["key", "one two three four five six seven"]], { width: 30 });
    expect(text).toBe("key  one two three four five\n     six seven\n");
  });
});
