import { z } from "zod";
import { SurprisalError } from "../errors.js";
import { suggestion } from "../suggest.js";
import { fitDetector } from "./fit.js";
import { type CommonOptions, commonOptions } from "./options.js";
import type { Detector, DetectorDefinition, DetectorFactory } from "./types.js";

/** Throws a `SurprisalError` that names the first wrong option of a detector. */
function refuseOptions(name: string, error: z.ZodError, known: readonly string[]): never {
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    throw new SurprisalError(`${name} has no option "${key}".${suggestion(key, known, "options")}`);
  }
  const path = issue?.path.join(".") ?? "";
  throw new SurprisalError(
    path ? `${name}: option "${path}": ${issue?.message}` : `${name}: ${issue?.message}`,
  );
}

/** What a user may give for a detector's own options; nothing when it has none. */
type OptionsInput<Shape extends z.ZodRawShape> = keyof Shape extends never
  ? unknown
  : z.input<z.ZodObject<Shape>>;

/**
 * Makes a detector of its parts: the result validates options, and fits through the one path that
 * preprocesses, holds out calibration rows, sets the threshold and writes the file.
 */
export function defineDetector<Shape extends z.ZodRawShape, State>(
  definition: Omit<DetectorDefinition<z.output<z.ZodObject<Shape>>, State>, "options"> & {
    readonly options: z.ZodObject<Shape>;
  },
): DetectorFactory<OptionsInput<Shape>> {
  const schema = z.strictObject({ ...definition.options.shape, ...commonOptions.shape });
  const known = Object.keys(schema.shape);
  const create = (options: OptionsInput<Shape> & CommonOptions = {} as never): Detector => {
    const parsed = schema.safeParse(options);
    if (!parsed.success) refuseOptions(definition.name, parsed.error, known);
    const all = parsed.data as z.output<typeof commonOptions> & z.output<z.ZodObject<Shape>>;
    return {
      name: definition.name,
      options: all as Readonly<Record<string, unknown>>,
      fit: (samples, fitOptions = {}) => fitDetector(definition, all, samples, fitOptions),
    };
  };
  return Object.assign(create, {
    detectorName: definition.name,
    title: definition.title,
    summary: definition.summary,
    optionsSchema: schema,
  });
}
