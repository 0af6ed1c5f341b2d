import type { ReadDataOptions } from "surprisal";
import type { Context } from "./command.js";
import { UsageError } from "./faults.js";
import type { OptionSpec } from "./option-spec.js";

/** Options about how data is read, the same for fit, score and evaluate. */
export const readOptions: readonly OptionSpec[] = [
  {
    name: "headerless",
    kind: "switch",
    description: "the first line of a text table is data; the columns are called column1, column2 ...",
  },
  {
    name: "delimiter",
    kind: "text",
    value: "CHAR",
    description: "the character between values of a text table; default: found out",
  },
  {
    name: "na",
    kind: "list",
    value: "TEXTS",
    description: "further texts that stand for a missing value, beside empty, NA, N/A, NaN, NULL and ?",
  },
  {
    name: "imageSize",
    kind: "text",
    value: "SIZE",
    description: "bring images of a folder to this size: 64, or HEIGHTxWIDTH; default: their own",
  },
  {
    name: "imageChannels",
    kind: "text",
    value: "1|3",
    description: "read images of a folder as grey (1) or colour (3); default: as the first one is",
  },
];

/** Options about the kinds of columns: for fit only, as a fitted detector knows its columns. */
export const kindOptions: readonly OptionSpec[] = [
  {
    name: "categorical",
    kind: "list",
    value: "COLUMNS",
    description: "columns of categories, though they hold numbers",
  },
  {
    name: "numeric",
    kind: "list",
    value: "COLUMNS",
    description: "columns of numbers, though some entries are not",
  },
];

/** The height and width of `64` or `48x64`. */
function imageSize(text: string): readonly [number, number] {
  const [, height, width] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? [];
  if (height === undefined) throw new UsageError(`--image-size must be like 64 or 48x64, not "${text}"`);
  return [Number(height), Number(width ?? height)];
}

/** The options for reading data that the command was given. */
export function readingOptions(context: Context): ReadDataOptions {
  const delimiter = context.optionalText("delimiter");
  const size = context.optionalText("imageSize");
  const channels = context.optionalText("imageChannels");
  if (channels !== undefined && channels !== "1" && channels !== "3") {
    throw new UsageError(`--image-channels must be 1 or 3, not "${channels}"`);
  }
  const missing = context.list("na");
  const kinds = Object.fromEntries(
    (["categorical", "numeric"] as const).flatMap((kind) =>
      (context.list(kind) ?? []).map((name) => [name, kind] as const),
    ),
  );
  return {
    ...(context.isSet("headerless") ? { header: false } : {}),
    ...(delimiter === undefined ? {} : { delimiter: delimiter === "\\t" ? "\t" : delimiter }),
    ...(missing === undefined ? {} : { missing }),
    ...(Object.keys(kinds).length === 0 ? {} : { kinds }),
    ...(size === undefined ? {} : { size: imageSize(size) }),
    ...(channels === undefined ? {} : { channels: channels === "1" ? 1 : 3 }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
    onNote: context.note,
  };
}
