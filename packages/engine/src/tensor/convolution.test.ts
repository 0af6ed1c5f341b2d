import { describe, expect, it } from "vitest";
import { evaluate, filled, host } from "../testing/index.js";
import { type ConvOptions, conv2d, conv2dTranspose } from "./convolution.js";
import { averagePool2d, maxPool2d } from "./pooling.js";
import { symbol } from "./shape.js";
import { input } from "./tensor.js";

const n = symbol("N");
const image = input("image", [n, 2, 7, 6]);
const kernel = input("kernel", [4, 2, 3, 3]);

describe("shapes of convolutions", () => {
  it.each<[string, ConvOptions, number[]]>([
    ["valid", {}, [5, 4]],
    ["same", { padding: "same" }, [7, 6]],
    ["same with strides", { padding: "same", strides: 2 }, [4, 3]],
    ["one width", { padding: 1, strides: [2, 1] }, [4, 6]],
    ["rows and columns", { padding: [0, 2] }, [5, 8]],
    ["four sides", { padding: [1, 0, 0, 2] }, [6, 6]],
    ["dilated", { dilations: [3, 2] }, [1, 2]],
  ])("%s", (_, options, size) => {
    expect(conv2d(image, kernel, options).shape).toEqual([n, 4, ...size]);
  });

  it("pads the odd one after, as TensorFlow", () => {
    const { attributes } = conv2d(image, kernel, { padding: "same", strides: 2 });
    expect(attributes).toMatchObject({ padding: [1, 1, 0, 1] });
  });

  it("of groups", () => {
    expect(conv2d(image, input("g", [6, 1, 3, 3]), { groups: 2 }).shape).toEqual([n, 6, 5, 4]);
  });

  it("transposed, invert those of the convolution", () => {
    const maps = input("maps", [n, 4, 4, 3]);
    expect(conv2dTranspose(maps, kernel, { strides: 2 }).shape).toEqual([n, 2, 9, 7]);
    expect(conv2dTranspose(maps, kernel, { strides: 2, padding: "same" }).shape).toEqual([n, 2, 8, 6]);
    const exact = conv2dTranspose(maps, kernel, { strides: 2, padding: "same", outputSize: [7, 5] });
    expect(exact.shape).toEqual([n, 2, 7, 5]);
  });

  it("of pooling", () => {
    expect(maxPool2d(image, 2).shape).toEqual([n, 2, 3, 3]);
    expect(averagePool2d(image, [3, 2], { strides: 1, padding: "same" }).shape).toEqual([n, 2, 7, 6]);
  });
});

describe("values of windows", () => {
  it("conv2dTranspose is the adjoint of conv2d", async () => {
    const options = { strides: 2, padding: "same" as const };
    const feeds = {
      image: filled([1, 2, 7, 6], (i) => Math.sin(i)),
      kernel: filled([4, 2, 3, 3], (i) => Math.cos(i)),
      maps: filled([1, 4, 4, 3], (i) => Math.sin(3 * i)),
    };
    const forward = conv2d(image, kernel, options);
    const back = conv2dTranspose(input("maps", [n, 4, 4, 3]), kernel, { ...options, outputSize: [7, 6] });
    const { y, x } = await evaluate({ y: forward, x: back }, feeds);
    const inner = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    expect(inner(y.data, feeds.maps.data)).toBeAllClose(inner(feeds.image.data, x.data), { rtol: 1e-5 });
  });

  it("averages leave padding out", async () => {
    const average = averagePool2d(input("x", [1, 1, 2, 2]), 2, { strides: 1, padding: "same" });
    expect(await evaluate(average, { x: host([1, 2, 3, 4], [1, 1, 2, 2]) })).toBeAllClose([2.5, 3, 3.5, 4]);
  });
});

describe("errors of windows", () => {
  it.each<[string, () => unknown, string]>([
    ["another rank", () => conv2d(input("v", [3, 3]), kernel), "conv2d needs [N, C, H, W] data, got [3, 3]"],
    [
      "a symbolic size",
      () => conv2d(input("v", [1, 2, n, 3]), kernel),
      "conv2d needs a fixed dimension, but got N",
    ],
    [
      "other channels",
      () => conv2d(image, input("k", [4, 3, 3, 3])),
      "with kernel [4, 3, 3, 3] and 1 group(s) does not fit",
    ],
    [
      "uneven groups",
      () => conv2d(image, input("k", [3, 1, 3, 3]), { groups: 2 }),
      "and 2 group(s) does not fit",
    ],
    [
      "a kernel that is too large",
      () => conv2d(image, input("k", [4, 2, 9, 3])),
      "a window of 9 does not fit 7 padded elements",
    ],
    [
      "a stride of 0",
      () => conv2d(image, kernel, { strides: 0 }),
      "strides must be positive integers, got 0, 0",
    ],
    [
      "negative padding",
      () => maxPool2d(image, 2, { padding: -1 }),
      "padding must be non-negative integers, got -1",
    ],
    [
      "two dtypes",
      () => conv2d(image, input("k", [4, 2, 3, 3], "float64") as never),
      "of one dtype, got float32 and float64",
    ],
    [
      "an output size that no input has",
      () => conv2dTranspose(input("y", [n, 4, 4, 3]), kernel, { strides: 2, outputSize: [20, 20] }),
      "to 20×20 does not fit",
    ],
  ])("%s", (_, build, message) => {
    expect(build).toThrow(message);
  });
});
