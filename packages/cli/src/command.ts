import type { Command } from "commander";
import { readConfig, refuseUnknownKeys } from "./config.js";
import { UsageError } from "./faults.js";
import type { Io } from "./io.js";
import { commanderOption, flagOf, type OptionSpec, type OptionValue, readOption } from "./option-spec.js";
import { type Progress, startProgress } from "./progress.js";
import { type Style, styleOf, wantsColor } from "./style.js";

/** A positional argument; it can also stand in a configuration file, under its name. */
interface ArgumentSpec {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** What a command is given to work with. */
export interface Context {
  readonly io: Io;
  readonly signal: AbortSignal | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  /** For text on the standard output. */
  readonly style: Style;
  /** Positional arguments by name. */
  readonly text: (name: string) => string;
  readonly optionalText: (name: string) => string | undefined;
  readonly number: (name: string) => number | undefined;
  readonly list: (name: string) => readonly string[] | undefined;
  readonly isSet: (name: string) => boolean;
  /** Options of a detector, as they were given. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly progress: (title: string) => Progress;
  /** A remark on the standard error, unless silenced. */
  readonly note: (text: string) => void;
}

/** One command of the command line. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** Complete command lines with what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Further options that depend on what was given, such as those of the chosen detector. */
  readonly extraOptions?: (detector: string | undefined) => readonly OptionSpec[];
  /** Why an option that this command does not have may have been expected. */
  readonly explainUnknown?: (name: string, detector: string | undefined) => string | undefined;
  readonly run: (context: Context) => Promise<void>;
}

/** Options of every command. */
export const globalOptions: readonly OptionSpec[] = [
  {
    name: "json",
    kind: "switch",
    description:
      'print one JSON object on the standard output and nothing else; errors go to stderr as {"error": ...}',
  },
  { name: "quiet", kind: "switch", description: "print results only: no progress, no notes" },
  {
    name: "config",
    kind: "text",
    value: "FILE",
    description: "take options from a JSON file, names in camelCase; the command line wins",
  },
];

/** Text of a help: examples of one command. */
export function examplesText(examples: CommandSpec["examples"]): string {
  return `\nExamples:\n${examples.map(([line, what]) => `  # ${what}\n  $ ${line}`).join("\n")}\n`;
}

interface Given {
  readonly value: unknown;
  /** How the user wrote it, for messages. */
  readonly shown: string;
}

/** Adds a command to the program. `detector` is the detector named on the command line or in the configuration. */
export function addCommand(
  program: Command,
  spec: CommandSpec,
  io: Io,
  detector: string | undefined,
): Command {
  const command = program.command(spec.name).summary(spec.summary).description(spec.description);
  for (const argument of spec.arguments) {
    // Required ones are asked for later, as they may come from the configuration.
    command.argument(`[${argument.name.toUpperCase()}]`, argument.description);
  }
  command.usage(
    [
      "[options]",
      ...spec.arguments.map(({ name, required }) =>
        required ? name.toUpperCase() : `[${name.toUpperCase()}]`,
      ),
    ].join(" "),
  );
  const extra = spec.extraOptions?.(detector) ?? [];
  for (const option of spec.options) command.addOption(commanderOption(option));
  for (const option of extra) {
    command.addOption(commanderOption(option).helpGroup(`Options of ${detector}:`));
    if (option.kind === "switch")
      command.option(`--no-${flagOf(option.name).slice(2)}`, `not ${flagOf(option.name)}`);
  }
  for (const option of globalOptions)
    command.addOption(commanderOption(option).helpGroup("Options of every command:"));
  command.addHelpText("after", examplesText(spec.examples));
  command.action(async (...args: unknown[]) => {
    const positional = args.slice(0, spec.arguments.length) as (string | undefined)[];
    const flags = { ...program.opts(), ...(args[spec.arguments.length] as Record<string, unknown>) };
    await spec.run(await contextOf(spec, extra, positional, flags, io));
  });
  return command;
}

async function contextOf(
  spec: CommandSpec,
  extra: readonly OptionSpec[],
  positional: readonly (string | undefined)[],
  flags: Readonly<Record<string, unknown>>,
  io: Io,
): Promise<Context> {
  const given = new Map<string, Given>();
  const path = flags.config as string | undefined;
  if (path !== undefined) {
    const config = await readConfig(path);
    const own = [...spec.options, ...globalOptions]
      .map(({ name }) => name)
      .filter((name) => name !== "config");
    const known = [...spec.arguments.map(({ name }) => name), ...own, ...extra.map(({ name }) => name)];
    refuseUnknownKeys(config, path, known);
    for (const [name, value] of Object.entries(config))
      given.set(name, { value, shown: `"${name}" in "${path}"` });
  }
  for (const [name, value] of Object.entries(flags)) {
    if (value !== undefined) given.set(name, { value, shown: flagOf(name) });
  }
  spec.arguments.forEach(({ name, required }, i) => {
    const value = positional[i];
    if (value !== undefined) given.set(name, { value, shown: name.toUpperCase() });
    if (required && !given.has(name)) {
      const usage = spec.arguments.map((argument) => argument.name.toUpperCase()).join(" ");
      throw new UsageError(
        `${name.toUpperCase()} is missing`,
        `Usage: surprisal ${spec.name} ${usage} [options]`,
      );
    }
  });
  const values = new Map<string, OptionValue>();
  const argumentSpecs = spec.arguments.map(({ name, description }) => ({
    name,
    description,
    kind: "text" as const,
  }));
  for (const option of [...argumentSpecs, ...spec.options, ...globalOptions]) {
    const found = given.get(option.name);
    if (found !== undefined) values.set(option.name, readOption(option, found.value, found.shown));
  }
  const json = values.get("json") === true;
  const quiet = json || values.get("quiet") === true;
  const stderrStyle = styleOf(io.stderr, io.env);
  return {
    io,
    signal: io.signal,
    json,
    quiet,
    style: styleOf(io.stdout, io.env),
    text: (name) => {
      const value = values.get(name);
      if (value === undefined)
        throw new UsageError(`${flagOf(name)} is missing`, `See surprisal ${spec.name} --help.`);
      return value as string;
    },
    optionalText: (name) => values.get(name) as string | undefined,
    number: (name) => values.get(name) as number | undefined,
    list: (name) => values.get(name) as readonly string[] | undefined,
    isSet: (name) => values.get(name) === true,
    extra: Object.fromEntries(
      extra.flatMap(({ name }) => (given.has(name) ? [[name, given.get(name)!.value]] : [])),
    ),
    progress: (title) => startProgress(title, io.stderr, quiet),
    note: (text) => {
      // A progress bar on the line gives way; it is drawn again below.
      const clear = io.stderr.isTTY === true ? "\r\u001B[2K" : "";
      if (!quiet) io.stderr.write(`${clear}${stderrStyle.dim(`note: ${text}`)}\n`);
    },
  };
}

/** Settings of commander's output that send its text through `io`. */
export function outputOf(io: Io) {
  return {
    writeOut: (text: string) => void io.stdout.write(text),
    // Errors are printed once, by `run`.
    writeErr: () => undefined,
    getOutHelpWidth: () => Math.min(110, io.stdout.columns ?? 100),
    getErrHelpWidth: () => Math.min(110, io.stderr.columns ?? 100),
    getOutHasColors: () => wantsColor(io.stdout, io.env),
    getErrHasColors: () => wantsColor(io.stderr, io.env),
  };
}
