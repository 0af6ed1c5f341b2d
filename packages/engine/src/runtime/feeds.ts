import { allocate, type DType, type HostTensor } from "../tensor/index.js";
import type { SessionValue } from "./protocol.js";

const formatDims = (dims: readonly (number | string)[]) => `[${dims.map((dim) => dim || "?").join(", ")}]`;

const quote = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(", ") || "none";

/**
 * Checks feeds against the inputs of a program. Throws a `TypeError` (element type, kind of array)
 * or `RangeError` (names, shapes) that names the input.
 */
export function checkFeeds(
  inputs: readonly SessionValue[],
  feeds: Readonly<Record<string, HostTensor>>,
): void {
  const names = inputs.map((input) => input.name);
  for (const name of Object.keys(feeds)) {
    if (!names.includes(name)) {
      throw new RangeError(
        `the program has no input ${JSON.stringify(name)}; its inputs are ${quote(names)}`,
      );
    }
  }
  /** Size of each symbolic dimension, and the input that set it. */
  const symbols = new Map<string, { size: number; input: string }>();
  for (const input of inputs) {
    const feed = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
    if (feed) checkFeed(input, feed, symbols);
    else if (!input.hasDefault) throw new RangeError(`the input ${JSON.stringify(input.name)} is missing`);
  }
}

function checkFeed(
  input: SessionValue,
  feed: HostTensor,
  symbols: Map<string, { size: number; input: string }>,
): void {
  const what = `the input ${JSON.stringify(input.name)}`;
  if (feed.dtype !== input.dtype) {
    throw new TypeError(`${what} must be ${input.dtype}, got ${feed.dtype}`);
  }
  const expected = allocate(input.dtype as DType, 0).constructor;
  if (feed.data?.constructor !== expected) {
    const got = feed.data?.constructor?.name ?? typeof feed.data;
    throw new TypeError(`${what} of ${input.dtype} needs its data in a ${expected.name}, got ${got}`);
  }
  const shape = formatDims(feed.shape);
  const wrong = () => new RangeError(`${what} must have the shape ${formatDims(input.dims)}, got ${shape}`);
  if (feed.shape.length !== input.dims.length) throw wrong();
  feed.shape.forEach((size, axis) => {
    const dim = input.dims[axis] as number | string;
    if (!Number.isInteger(size) || size < 0) throw wrong();
    if (typeof dim === "number") {
      if (size !== dim) throw wrong();
      return;
    }
    const known = symbols.get(dim);
    if (dim && known && known.size !== size) {
      throw new RangeError(
        `${dim} is ${known.size} in the input ${JSON.stringify(known.input)} but ${size} in ${JSON.stringify(input.name)}`,
      );
    }
    if (dim) symbols.set(dim, { size, input: input.name });
  });
  const size = feed.shape.reduce((product, dim) => product * dim, 1);
  if (size !== feed.data.length) {
    throw new RangeError(`${what} of shape ${shape} needs ${size} values, got ${feed.data.length}`);
  }
}

/** Whether an array can be given to another thread with its buffer. */
function ownsBuffer(data: HostTensor["data"]): boolean {
  return (
    ArrayBuffer.isView(data) &&
    data.buffer instanceof ArrayBuffer &&
    data.byteLength === data.buffer.byteLength
  );
}

/** Feeds that a worker can take over, copied unless they are given away, and the buffers to hand over. */
export function copyFeeds(
  feeds: Readonly<Record<string, HostTensor>>,
  giveAway: boolean,
): {
  feeds: Record<string, HostTensor>;
  buffers: ArrayBuffer[];
} {
  const buffers: ArrayBuffer[] = [];
  const copies = Object.entries(feeds).map(([name, { dtype, shape, data }]) => {
    const own = giveAway && ownsBuffer(data) ? data : (data.slice() as HostTensor["data"]);
    if (ArrayBuffer.isView(own)) buffers.push(own.buffer as ArrayBuffer);
    return [name, { dtype, shape: [...shape], data: own }] as const;
  });
  return { feeds: Object.fromEntries(copies), buffers: [...new Set(buffers)] };
}
