import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { SurprisalError } from "../errors.js";
import { numbersIn, parseSvg } from "../testing/svg.js";
import { imageGrid } from "./image-grid.js";
import { pngDataUri } from "./png.js";
import { reconstructionPairs } from "./reconstruction-pairs.js";

const image = (shade: number, channels = 1) => ({
  width: 3,
  height: 2,
  channels,
  data: Uint8Array.from({ length: 6 * channels }, (_, i) => (shade + i) % 256),
});

describe("images in figures", () => {
  test.each([1, 3, 4])("a PNG of %i channels holds the very bytes", async (channels) => {
    const uri = await pngDataUri(image(7, channels));
    const bytes = Buffer.from(uri.slice("data:image/png;base64,".length), "base64");
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([3, 2]);
    const pixels = Array.from({ length: 6 }, (_, i) => data[i * info.channels]);
    expect(pixels).toEqual(Array.from({ length: 6 }, (_, i) => 7 + i * channels));
  });

  test("bytes that do not fit the shape are refused by name", async () => {
    await expect(pngDataUri({ ...image(0), data: new Uint8Array(5) })).rejects.toThrow(
      new SurprisalError("an image of 3 × 2 × 1 needs 6 bytes, it has 5"),
    );
    await expect(pngDataUri({ ...image(0), channels: 2 })).rejects.toThrow("2 channels");
  });

  test("a grid places images in rows, with their captions", async () => {
    const images = ["a", "<b>", "c"].map((caption, i) => ({ image: image(i), caption }));
    const drawing = await parseSvg(
      await imageGrid({ id: "g", title: "Images", images, columns: 2, width: 210 }),
    );
    const places = [...drawing.querySelectorAll("image")].map((drawn) =>
      ["x", "y"].flatMap((name) => numbersIn(drawn, name)),
    );
    expect(places).toEqual([
      [0, 0],
      [110, 0],
      [0, 126],
    ]);
    expect([...drawing.querySelectorAll("image title")].map((title) => title.textContent)).toEqual([
      "a",
      "<b>",
      "c",
    ]);
  });

  test("pairs stand above each other with E to one decimal", async () => {
    const pairs = [12.345, 9].map((error) => ({ input: image(1), reconstruction: image(2), error }));
    const drawing = await parseSvg(await reconstructionPairs({ id: "p", title: "Pairs", pairs }));
    const drawn = [...drawing.querySelectorAll("image")];
    expect(drawn).toHaveLength(4);
    const [input, reconstruction] = drawn.map((one) => numbersIn(one, "x").concat(numbersIn(one, "y")));
    expect(input![0]).toBe(reconstruction![0]);
    expect(input![1]).toBeLessThan(reconstruction![1]!);
    const texts = [...drawing.querySelectorAll("text")].map((text) => text.textContent);
    expect(texts).toEqual(expect.arrayContaining(["input", "reconstruction", "E=12.3", "E=9.0"]));
  });

  test("images without reconstruction stand in one row", async () => {
    const drawing = await parseSvg(
      await reconstructionPairs({
        id: "p",
        title: "Images",
        pairs: [{ input: image(1), error: 2 }],
        columns: 5,
      }),
    );
    expect(drawing.querySelectorAll("image")).toHaveLength(1);
    expect(drawing.textContent).not.toContain("reconstruction");
  });
});
