import { Option } from "commander";
import { UsageError } from "./faults.js";

/** An option of a command: one name for the flag (in kebab case) and the configuration file (in camel case). */
export interface OptionSpec {
  readonly name: string;
  /** What stands for the value in the help, e.g. `FILE`; a switch has none. */
  readonly value?: string;
  readonly description: string;
  readonly kind: "text" | "number" | "list" | "switch";
  readonly choices?: readonly string[];
}

export type OptionValue = string | number | boolean | readonly string[];

/** `maxCategories` as `max-categories`. */
export const kebabCase = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();

export const flagOf = (name: string): string => `--${kebabCase(name)}`;

export function commanderOption(spec: OptionSpec): Option {
  const value = spec.value === undefined ? "" : ` <${spec.value}>`;
  const choices = spec.choices === undefined ? "" : ` (${spec.choices.join(", ")})`;
  return new Option(`${flagOf(spec.name)}${value}`, spec.description + choices);
}

const splitList = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/**
 * The value of an option from the command line (always text, or true) or from a configuration file.
 * @throws UsageError naming the option as it was given
 */
export function readOption(spec: OptionSpec, given: unknown, shown: string): OptionValue {
  const refuse = (wanted: string): never => {
    throw new UsageError(`${shown} must be ${wanted}, not ${JSON.stringify(given)}`);
  };
  switch (spec.kind) {
    case "switch":
      return typeof given === "boolean" ? given : refuse("true or false");
    case "number": {
      const number = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
      return typeof number === "number" && Number.isFinite(number) ? number : refuse("a number");
    }
    case "list": {
      if (typeof given === "string") {
        const parts = splitList(given);
        return parts.length > 0 ? parts : refuse("names with commas between them");
      }
      if (Array.isArray(given) && given.length > 0 && given.every((part) => typeof part === "string"))
        return given;
      return refuse("a list of names");
    }
    case "text": {
      const text = typeof given === "number" ? String(given) : given;
      if (typeof text !== "string" || text === "") return refuse("text");
      if (spec.choices !== undefined && !spec.choices.includes(text)) refuse(spec.choices.join(" or "));
      return text;
    }
  }
}
