import type { DetectorFactory } from "surprisal";
import { UsageError } from "./faults.js";
import { flagOf, type OptionSpec } from "./option-spec.js";

/** The part of JSON Schema that describes options. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** One option of a detector, in words. */
export interface DetectorOption {
  readonly name: string;
  readonly flag: string;
  /** For instance `integer in [1, 512]` or `standard | minMax`. */
  readonly type: string;
  readonly default?: unknown;
  readonly description: string;
}

function properties(schema: Schema): Readonly<Record<string, Schema>> {
  return Object.assign({}, ...(schema.allOf ?? []).map(properties), schema.properties ?? {});
}

function schemas(factory: DetectorFactory): Readonly<Record<string, Schema>> {
  const document = factory.optionsSchema.toJSONSchema({
    io: "input",
    unrepresentable: "any",
    reused: "inline",
  });
  return properties(document as Schema);
}

const branches = (schema: Schema): readonly Schema[] =>
  schema.anyOf ??
  schema.oneOf ??
  (Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : [schema]);

/** The bound of an interval; the limits of exact integers say nothing. */
function interval(schema: Schema): string {
  const said = (value: number | undefined) =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
  const low = said(schema.exclusiveMinimum) ?? said(schema.minimum);
  const high = said(schema.exclusiveMaximum) ?? said(schema.maximum);
  const open = said(schema.exclusiveMinimum) !== undefined;
  const openAbove = said(schema.exclusiveMaximum) !== undefined;
  if (low !== undefined && high !== undefined)
    return ` in ${open ? "(" : "["}${low}, ${high}${openAbove ? ")" : "]"}`;
  if (low !== undefined) return open ? ` above ${low}` : ` of at least ${low}`;
  return high === undefined ? "" : openAbove ? ` below ${high}` : ` of at most ${high}`;
}

interface NamedForm {
  readonly key: string;
  readonly name: string;
  readonly others: readonly string[];
}

/**
 * An object with one fixed text, e.g. `{ rule: "contamination", fraction }`, is written
 * `contamination=FRACTION`. Of several other values each is `NAME:VALUE` or stands in its place.
 */
function namedForm(schema: Schema): NamedForm | undefined {
  const entries = Object.entries(schema.properties ?? {});
  const fixed = entries.find(([, part]) => typeof part.const === "string");
  if (fixed === undefined) return undefined;
  return {
    key: fixed[0],
    name: fixed[1].const as string,
    others: entries.map(([key]) => key).filter((key) => key !== fixed[0]),
  };
}

function typeOf(schema: Schema): string {
  const parts = branches(schema);
  if (parts.length > 1) return parts.map(typeOf).join(" | ");
  const [part = {}] = parts;
  if (part.const !== undefined) return String(part.const);
  if (part.enum !== undefined) return part.enum.map(String).join(" | ");
  if (part.type === "array") return `list of ${part.items === undefined ? "values" : typeOf(part.items)}`;
  if (part.type === "object") {
    const form = namedForm(part);
    if (form === undefined) return "JSON";
    const values = form.others.map((key) => key.toUpperCase());
    if (values.length < 2) return [form.name, ...values].join("=");
    return `${form.name}=${form.others.map((key) => `${key}:VALUE`).join(",")}`;
  }
  return `${typeof part.type === "string" ? part.type : "value"}${interval(part)}`;
}

/** The options of a detector, its own first and those of all detectors as they come. */
export function describeOptions(factory: DetectorFactory): readonly DetectorOption[] {
  return Object.entries(schemas(factory)).map(([name, schema]) => ({
    name,
    flag: flagOf(name),
    type: typeOf(schema),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    description: schema.description ?? "",
  }));
}

/** The options of a detector as options of a command. */
export function optionSpecs(factory: DetectorFactory): readonly (OptionSpec & { readonly schema: Schema })[] {
  return Object.entries(schemas(factory)).map(([name, schema]) => {
    const isSwitch = schema.type === "boolean";
    const fallback = schema.default === undefined ? "" : ` (default: ${JSON.stringify(schema.default)})`;
    return {
      name,
      schema,
      kind: isSwitch ? "switch" : "text",
      description: `${schema.description ?? ""}${fallback}`,
      ...(isSwitch ? {} : { value: placeholder(schema) }),
    };
  });
}

function placeholder(schema: Schema): string {
  const kinds = new Set(branches(schema).map((part) => part.type));
  if (branches(schema).some((part) => namedForm(part) !== undefined)) return "RULE";
  if (schema.enum !== undefined) return "NAME";
  if (kinds.has("array")) return "LIST";
  if (kinds.has("number") || kinds.has("integer")) return kinds.size > 1 ? "VALUE" : "NUMBER";
  return kinds.has("object") ? "JSON" : "VALUE";
}

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

const fold = (name: string): string => name.toLowerCase().replaceAll("-", "");

/** The values after `name=`, with commas between them: `NAME:VALUE`, or VALUE in the place of its name. */
function namedValues(text: string, { others }: NamedForm): Record<string, unknown> {
  const parts = others.length > 1 ? text.split(",") : [text];
  return Object.fromEntries(
    parts.map((part, place) => {
      const colon = part.indexOf(":");
      const given = part.slice(0, Math.max(0, colon)).trim();
      const name =
        colon < 0 ? (others[place] ?? "value") : others.find((other) => fold(other) === fold(given));
      const value = part.slice(colon + 1).trim();
      return [name ?? given, isNumber(value) ? Number(value) : value];
    }),
  );
}

/**
 * The value that a text of the command line stands for under a schema: a number where one is wanted,
 * a list with commas, `name=value` for a rule, JSON for anything. What fits nothing stays text, and
 * is refused by the schema.
 */
function parseText(text: string, schema: Schema): unknown {
  const parts = branches(schema);
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  const named = (name: string) =>
    parts.flatMap((part) => namedForm(part) ?? []).find((form) => fold(form.name) === fold(name));
  const equals = text.indexOf("=");
  const form = named(equals < 0 ? text : text.slice(0, equals));
  if (form !== undefined) {
    return { [form.key]: form.name, ...(equals < 0 ? {} : namedValues(text.slice(equals + 1), form)) };
  }
  const types = new Set(parts.map((part) => part.type));
  if (isNumber(text)) {
    if (types.has("number") || types.has("integer")) return Number(text);
    const value = named("value");
    if (value !== undefined) return { [value.key]: "value", [value.others[0] ?? "value"]: Number(text) };
  }
  const list = parts.find((part) => part.type === "array");
  if (list !== undefined && !parts.some((part) => part.enum?.includes(text) || part.const === text)) {
    return text.split(",").map((part) => parseText(part.trim(), list.items ?? {}));
  }
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

/**
 * The options of a detector as its factory takes them, checked.
 * @param given values by name: text from the command line, or JSON values from a configuration file
 * @throws UsageError naming the option that does not fit and what it may be
 */
export function readDetectorOptions(
  factory: DetectorFactory,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const known = schemas(factory);
  const options = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === "string" && known[name] !== undefined ? parseText(value, known[name]) : value,
    ]),
  );
  const parsed = factory.optionsSchema.safeParse(options);
  if (parsed.success) return options;
  const issue = parsed.error.issues[0]!;
  const name = String(issue.path[0] ?? "");
  const schema = known[name];
  const shown = JSON.stringify(given[name]);
  throw new UsageError(
    `${flagOf(name)} ${shown === undefined ? "" : `is ${shown}: `}${issue.message}`,
    schema === undefined
      ? undefined
      : `${flagOf(name)}: ${typeOf(schema)}. ${schema.description ?? ""}`.trim(),
  );
}
