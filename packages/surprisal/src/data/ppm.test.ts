import { describe, expect, it } from "vitest";
import { decodeImage } from "./images.js";
import { decodePpm } from "./ppm.js";

const file = (header: string, ...values: number[]): Uint8Array =>
  Uint8Array.from([...Buffer.from(header), ...values]);

describe("PPM", () => {
  it("is read as pixels, comments and a lower maximum included", async () => {
    const color = file("P6 #made by hand\n2\t1\n255\n", 1, 2, 3, 10, 20, 30);
    expect(decodePpm(color)).toEqual({ data: Uint8Array.of(1, 2, 3, 10, 20, 30), shape: [1, 2, 3] });
    expect([...decodePpm(file("P5\n3 1 15\n", 0, 15, 5)).data]).toEqual([0, 255, 85]);
    expect(await decodeImage(color)).toEqual(decodePpm(color));
    const grey = await decodeImage(file("P5 2 2 255\n", 7, 7, 7, 7), { size: 3 });
    expect(grey).toEqual({ data: new Uint8Array(9).fill(7), shape: [3, 3, 1] });
  });

  it.each([
    ["text", file("P3\n1 1\n255\n1 2 3"), "not a binary PPM"],
    ["no sizes", file("P6\nx"), "damaged PPM header"],
    ["no pixels", file("P6\n0 4 255\n"), "damaged PPM header"],
    ["two bytes a value", file("P6 1 1 65535\n", 0, 1, 0, 1, 0, 1), "values up to 65535"],
    ["too few", file("P6 2 2 255\n", 1, 2, 3), "need 12 bytes and it holds 3"],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodePpm(bytes)).toThrow(message);
  });
});
