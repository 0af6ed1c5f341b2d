import { attributes, escapeXml, type FigureOptions, fitText, svg } from "./figure.js";
import { embedImage } from "./image-grid.js";
import { colors } from "./palette.js";
import { type PixelImage, pngDataUri } from "./png.js";

/** An image beside what the detector made of it. */
export interface ReconstructionPair {
  input: PixelImage;
  reconstruction?: PixelImage;
  /** Reconstruction error, printed as `E=…` with one decimal. */
  error: number;
  /** Second line of the caption. */
  caption?: string;
}

export interface ReconstructionPairsOptions extends FigureOptions {
  pairs: ReconstructionPair[];
  /** Pairs side by side (as many as there are). Fewer pairs leave the last columns empty. */
  columns?: number;
}

/**
 * Two rows of images: the inputs above, their reconstructions below, `E=…` under each pair. The
 * lower row is left out when no pair has a reconstruction.
 */
export async function reconstructionPairs(options: ReconstructionPairsOptions): Promise<string> {
  const { pairs, width = 450 } = options;
  const columns = options.columns ?? Math.max(1, pairs.length);
  const left = 20;
  const gap = 8;
  const size = (width - left - gap * (columns - 1)) / columns;
  const reconstructed = pairs.some(({ reconstruction }) => reconstruction);
  const captioned = pairs.some(({ caption }) => caption);
  const lower = size + 6;
  const bottom = reconstructed ? lower + size : size;
  const drawn = await Promise.all(
    pairs.map(async ({ input, reconstruction, error, caption }, i) => {
      const x = left + i * (size + gap);
      const frame = { x, width: size, height: size };
      const errorText = `E=${error.toFixed(1)}`;
      const about = `${errorText}${caption ? `, ${caption}` : ""}`;
      const above = embedImage(await pngDataUri(input), { ...frame, y: 0 }, `input, ${about}`);
      const below = reconstruction
        ? embedImage(await pngDataUri(reconstruction), { ...frame, y: lower }, `reconstruction, ${about}`)
        : "";
      const middle = x + size / 2;
      const text =
        `<text${attributes({ x: middle, y: bottom + 17, "font-weight": 600 })}>${errorText}</text>` +
        (caption
          ? `<text${attributes({ x: middle, y: bottom + 33, "font-size": 11, style: `fill:${colors.muted}` })}>${escapeXml(fitText(caption, size + gap, 5.8))}</text>`
          : "");
      return above + below + text;
    }),
  );
  const rowName = (name: string, middle: number) =>
    `<text${attributes({ transform: `translate(11,${Math.round(middle)}) rotate(-90)`, "font-size": 11, style: `fill:${colors.muted}` })}>${name}</text>`;
  const names =
    rowName("input", size / 2) + (reconstructed ? rowName("reconstruction", lower + size / 2) : "");
  return svg({ ...options, width, height: bottom + (captioned ? 40 : 24) }, names + drawn.join(""));
}
