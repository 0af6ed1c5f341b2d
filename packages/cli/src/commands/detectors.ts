import type { CommandSpec, Context } from "../command.js";
import { describeOptions } from "../detector-options.js";
import { allDetectors, findDetector } from "../detector-registry.js";
import { write } from "../io.js";
import { alignColumns } from "../style.js";

async function list({ io, json, style }: Context): Promise<void> {
  if (json) {
    const detectors = allDetectors.map(({ detectorName: name, title, summary }) => ({
      name,
      title,
      summary,
    }));
    return write(io.stdout, `${JSON.stringify({ detectors })}\n`);
  }
  const rows = allDetectors.map(({ detectorName, summary }) => [style.bold(detectorName), summary]);
  await write(io.stdout, alignColumns(rows, { width: io.stdout.columns ?? 100 }));
  await write(io.stdout, `\nsurprisal detectors NAME prints the options of one.\n`);
}

async function describe(name: string, { io, json, style }: Context): Promise<void> {
  const factory = findDetector(name);
  const options = describeOptions(factory);
  if (json) {
    const { detectorName, title, summary } = factory;
    return write(io.stdout, `${JSON.stringify({ name: detectorName, title, summary, options })}\n`);
  }
  const rows = options.map((option) => [
    style.cyan(option.flag),
    option.default === undefined ? style.dim("-") : JSON.stringify(option.default),
    `${option.description} ${style.dim(`(${option.type})`)}`,
  ]);
  await write(io.stdout, `${style.bold(factory.detectorName)}: ${factory.title}\n${factory.summary}\n\n`);
  const header = [["OPTION", "DEFAULT", "DESCRIPTION"].map(style.dim)];
  await write(io.stdout, alignColumns([...header, ...rows], { width: io.stdout.columns ?? 100 }));
}

export const detectorsCommand: CommandSpec = {
  name: "detectors",
  summary: "list the detectors, or the options of one",
  description: "Lists the detectors with a sentence on each, or one detector's options with their defaults.",
  arguments: [{ name: "name", description: "a detector", required: false }],
  options: [],
  examples: [
    ["surprisal detectors", "all detectors"],
    ["surprisal detectors vae", "the options of the variational autoencoder"],
    ["surprisal detectors isolation-forest --json", "the same for a program"],
  ],
  run: async (context) => {
    const name = context.optionalText("name");
    await (name === undefined ? list(context) : describe(name, context));
  },
};
