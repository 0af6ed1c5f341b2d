import { parseHTML } from "linkedom";
import sharp from "sharp";

/**
 * The SVG element of a drawing, after a renderer with a strict XML parser has drawn it: throws
 * where it is not well-formed.
 */
export async function parseSvg(text: string): Promise<SVGElement> {
  await sharp(Buffer.from(text)).png().toBuffer();
  const { document } = parseHTML(`<!doctype html><html><body>${text}</body></html>`);
  return document.querySelector("svg") as unknown as SVGElement;
}

/** Numbers in an attribute: coordinates of a path, a transform. */
export function numbersIn(element: Element | null, attribute: string): number[] {
  return (element?.getAttribute(attribute)?.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);
}
