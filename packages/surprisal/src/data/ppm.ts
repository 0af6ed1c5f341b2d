import { SurprisalError } from "../errors.js";
import type { NDArray } from "./ndarray.js";

const isSpace = (byte: number | undefined): boolean =>
  byte !== undefined && (byte === 32 || (byte >= 9 && byte <= 13));

/** Whether the bytes begin as a binary portable pixmap (P6) or greymap (P5). */
export function isPpm(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && (bytes[1] === 0x35 || bytes[1] === 0x36) && isSpace(bytes[2]);
}

/**
 * Decodes a binary portable pixmap (P6) or greymap (P5) of one byte a value, which the image library
 * does not read, to uint8 `[height, width, channels]`; values of a lower maximum are scaled to 255.
 * @param label names the image in errors
 * @throws SurprisalError for another format, values of two bytes, or bytes that are missing
 */
export function decodePpm(bytes: Uint8Array, label = "The image"): NDArray {
  if (!isPpm(bytes)) throw new SurprisalError(`${label} is not a binary PPM or PGM image (P6 or P5).`);
  const channels = bytes[1] === 0x36 ? 3 : 1;
  let at = 2;
  const number = (): number => {
    while (isSpace(bytes[at]) || bytes[at] === 0x23) {
      // A comment goes to the end of its line.
      if (bytes[at] === 0x23) while (at < bytes.length && bytes[at] !== 10) at++;
      else at++;
    }
    let value = 0;
    const start = at;
    for (; bytes[at] !== undefined && bytes[at]! >= 48 && bytes[at]! <= 57; at++) {
      value = 10 * value + bytes[at]! - 48;
    }
    if (at === start || at - start > 9) throw new SurprisalError(`${label} has a damaged PPM header.`);
    return value;
  };
  const [width, height, maximum] = [number(), number(), number()];
  if (width < 1 || height < 1 || maximum < 1) throw new SurprisalError(`${label} has a damaged PPM header.`);
  if (maximum > 255) {
    throw new SurprisalError(
      `${label} has values up to ${maximum}; PPM images of one byte a value are read.`,
    );
  }
  const start = at + 1;
  const length = width * height * channels;
  if (bytes.length < start + length) {
    throw new SurprisalError(
      `${label} is truncated: ${width} x ${height} pixels need ${length} bytes and it holds ${Math.max(0, bytes.length - start)}.`,
    );
  }
  const data = bytes.slice(start, start + length);
  if (maximum < 255) {
    for (let i = 0; i < length; i++) data[i] = Math.round((255 * Math.min(data[i]!, maximum)) / maximum);
  }
  return { data, shape: [height, width, channels] };
}
