import { z } from "zod";

/** Version of the metadata's form; a reader refuses a newer one. */
export const METADATA_VERSION = 1;

/** Key of the document in the ONNX file's `metadata_props`. */
export const METADATA_KEY = "surprisal";

const numericColumn = z.object({
  name: z.string(),
  kind: z.literal("numeric"),
  /** Whether NaN is accepted and imputed. */
  missing: z.boolean(),
});

const categoricalColumn = z.object({
  name: z.string(),
  kind: z.literal("categorical"),
  /** Known categories; an empty string stands for a missing one. */
  levels: z.array(z.string()),
});

const elementType = z.enum(["float64", "float32", "uint8"]);

/**
 * What the file's inputs mean. A table has input `X` [N, numeric columns], and `categories`
 * [N, categorical columns] of strings where there are any; an array has `X` [N, ...shape].
 */
export const inputSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("table"),
    dtype: elementType,
    columns: z.array(z.discriminatedUnion("kind", [numericColumn, categoricalColumn])).min(1),
    /** False when the columns were numbered, not named: rows then fit by position. */
    named: z.boolean(),
  }),
  z.object({
    kind: z.literal("array"),
    dtype: elementType,
    shape: z.array(z.int().positive()).min(1),
    /** The prepared value is (value - offset) / scale. */
    offset: z.number(),
    scale: z.number(),
  }),
]);

export type InputSchema = z.infer<typeof inputSchema>;

const figure = z.union([z.number(), z.string()]);

export const metadataSchema = z.object({
  version: z.literal(METADATA_VERSION),
  library: z.object({ name: z.literal("surprisal"), version: z.string() }),
  detector: z.object({
    name: z.string(),
    title: z.string(),
    version: z.int(),
    options: z.record(z.string(), z.unknown()),
  }),
  input: inputSchema,
  /** Names of the prepared features, in the order of the output `contribution`. */
  features: z.array(z.string()),
  /** Outputs beside score, p_value and is_anomaly. */
  outputs: z.array(z.string()),
  /** Rows to score at once, so that the largest intermediate value stays within some megabytes. */
  batchSize: z.int().positive(),
  threshold: z.object({ value: z.number(), rule: z.record(z.string(), z.unknown()) }),
  calibration: z.object({ rows: z.int().nonnegative() }),
  training: z.object({
    source: z.string().optional(),
    rows: z.int().nonnegative(),
    /** Rows left out because they were labelled as anomalies. */
    anomalies: z.int().nonnegative(),
    /** SHA-256 of the training rows as the detector received them. */
    fingerprint: z.string(),
    seconds: z.number(),
    summary: z.record(z.string(), figure),
    history: z.array(
      z.object({
        epoch: z.number(),
        loss: z.number(),
        validationLoss: z.number().optional(),
        metrics: z.record(z.string(), z.number()).optional(),
      }),
    ),
  }),
  metrics: z.record(z.string(), z.number()),
});

/** What a file says of itself. */
export type Metadata = z.infer<typeof metadataSchema>;
