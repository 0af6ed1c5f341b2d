import { describe, expect, it } from "vitest";
import { globalOptions } from "./command.js";
import { fitCommand } from "./commands/fit.js";
import { describeOptions, optionSpecs, readDetectorOptions } from "./detector-options.js";
import { allDetectors, findDetector } from "./detector-registry.js";
import { UsageError } from "./faults.js";
import { flagOf } from "./option-spec.js";

const vae = findDetector("vae");

describe("options of detectors", () => {
  it.each(allDetectors.map((factory) => [factory.detectorName, factory] as const))(
    "%s: each is described, has a type, and no name that fit has itself",
    (_, factory) => {
      const own = [...fitCommand.options, ...globalOptions].map(({ name }) => flagOf(name));
      const options = describeOptions(factory);
      expect(options.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["seed", "threshold", "calibration"]),
      );
      for (const { description, type, flag } of options) {
        expect(description).not.toBe("");
        expect(type).not.toMatch(/^value|undefined/);
        expect(own).not.toContain(flag);
      }
      expect(new Set(optionSpecs(factory).map(({ name }) => name)).size).toBe(options.length);
    },
  );

  it.each([
    ["a number", { latent: "12" }, { latent: 12 }],
    ["a list", { hidden: "400, 200" }, { hidden: [400, 200] }],
    ["a choice", { decoder: "gaussian" }, { decoder: "gaussian" }],
    [
      "a rule with its number",
      { threshold: "contamination=0.05" },
      { threshold: { rule: "contamination", fraction: 0.05 } },
    ],
    [
      "a rule in kebab case",
      { threshold: "false-positive-rate=0.01" },
      { threshold: { rule: "falsePositiveRate", rate: 0.01 } },
    ],
    ["a rule without one", { threshold: "bestF1" }, { threshold: { rule: "bestF1" } }],
    [
      "a rule with some of its values by name",
      { threshold: "cost=falsePositive:1, false-negative:20" },
      { threshold: { rule: "cost", falsePositive: 1, falseNegative: 20 } },
    ],
    [
      "a rule with values in their places",
      { threshold: "extreme-value=1e-4,level:0.95" },
      { threshold: { rule: "extremeValue", risk: 1e-4, level: 0.95 } },
    ],
    ["a number for a rule", { threshold: "-3.5" }, { threshold: { rule: "value", value: -3.5 } }],
    ["JSON", { threshold: '{"rule":"value","value":2}' }, { threshold: { rule: "value", value: 2 } }],
    ["values of a configuration", { latent: 3, hidden: [5] }, { latent: 3, hidden: [5] }],
  ])("%s is read", (_, given, expected) => {
    expect(readDetectorOptions(vae, given)).toEqual(expected);
  });

  it.each([
    ["latent", "many"],
    ["latent", "0"],
    ["latent", "1.5"],
    ["hidden", "400,x"],
    ["decoder", "poisson"],
    ["threshold", "contamination=2"],
    ["threshold", "contamination"],
    ["threshold", "cost=falsePositive:1"],
    ["threshold", "extremeValue=risk:0.01,tail:2"],
    ["threshold", "extremeValue=0.01,0.9,3"],
    ["threshold", "interquartile=wide"],
    ["threshold", "{broken"],
  ])("--%s %s is refused by name", (name, value) => {
    const read = () => readDetectorOptions(vae, { [name]: value });
    expect(read).toThrow(UsageError);
    expect(read).toThrow(`--${name} is "${value}"`);
  });
});
