import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkplace, sample, surprisal, type Workplace } from "./testing/cli.js";

const names = ["fit", "score", "evaluate", "inspect", "detectors", "datasets", "reproduce"];
const thyroid = sample("thyroid.csv");

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace();
});
afterAll(() => place.remove());

async function config(name: string, content: unknown): Promise<string> {
  const path = place.path(name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("help", () => {
  it("names DATA, the exit codes and examples", async () => {
    const { code, stdout } = await surprisal(["--help"]);
    expect(code).toBe(0);
    for (const word of ["sql:QUERY", "dataset:NAME", "130", "Examples:", ...names])
      expect(stdout).toContain(word);
  });

  it.each(names)("of %s has examples and the options of every command", async (name) => {
    const { code, stdout } = await surprisal([name, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`$ surprisal ${name}`);
    for (const flag of ["--json", "--quiet", "--config"]) expect(stdout).toContain(flag);
  });

  it.each(["ecod", "isolation-forest", "vae"])("of fit has the options of %s", async (detector) => {
    const { stdout } = await surprisal(["fit", "--detector", detector, "--help"]);
    expect(stdout).toContain(`Options of ${detector}:`);
    expect(stdout).toContain("--seed <NUMBER>");
  });

  it("prints the version", async () => {
    expect((await surprisal(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("wrong names", () => {
  const cases: readonly (readonly [string, readonly string[], string, string])[] = [
    ["a command", ["scor"], 'unknown command "scor"', 'Did you mean "surprisal score"?'],
    ["an option", ["score", "--ot", "x"], "unknown option --ot", "Did you mean --out?"],
    [
      "an option of a detector",
      ["fit", "--detector", "vae", "--latnt", "2"],
      "unknown option --latnt",
      "Did you mean --latent?",
    ],
    [
      "an option of another detector",
      ["fit", "--detector", "ecod", "--latent", "2"],
      "unknown option --latent",
      "ecod has no such option; it belongs to autoencoder, clad, dec, deep-svdd, oc-cnn, oc-nn, vae, wgan",
    ],
    [
      "an option of a detector not yet named",
      ["fit", "x.csv", "--latent", "2"],
      "unknown option --latent",
      "give --detector",
    ],
    [
      "a detector",
      ["fit", thyroid, "--detector", "ecdo", "--out", "x.onnx"],
      'unknown detector "ecdo"',
      'Did you mean "ecod"?',
    ],
    ["a detector to describe", ["detectors", "vea"], 'unknown detector "vea"', 'Did you mean "vae"?'],
    ["a data set", ["datasets", "thyriod"], 'there is no data set "thyriod"', 'Did you mean "thyroid"?'],
    ["nothing like a command", ["xyzzy"], 'unknown command "xyzzy"', "Commands: fit, score"],
  ];
  it.each(cases)("of %s end with code 2 and the nearest name", async (_, args, message, hint) => {
    const { code, stdout, stderr } = await surprisal(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toBe(`surprisal: ${message}\n${stderr.slice(stderr.indexOf("hint:"))}`);
    expect(stderr).toContain(hint);
  });

  it("of columns end with the nearest column", async () => {
    const out = place.path("never.onnx");
    const dropped = await surprisal(["fit", thyroid, "--detector", "ecod", "--drop", "TSX", "--out", out]);
    expect(dropped.code).toBe(1);
    expect(dropped.stderr).toContain('Did you mean "TSH"?');
    const label = await surprisal(["fit", thyroid, "--detector", "ecod", "--label", "clas=1", "--out", out]);
    expect(label.stderr).toContain('Did you mean "class"?');
    const set = await surprisal(["fit", "dataset:cardoi", "--detector", "ecod", "--out", out]);
    expect(set.stderr).toContain('Did you mean "cardio"?');
    expect(await place.names()).toEqual([]);
  });
});

describe("wrong values", () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ["no arguments at all", [], "no command given"],
    ["no data", ["fit", "--detector", "ecod", "--out", "x.onnx"], "DATA is missing"],
    ["no detector", ["fit", thyroid, "--out", "x.onnx"], "--detector is missing"],
    ["no place for the model", ["fit", thyroid, "--detector", "ecod"], "--out is missing"],
    ["an option without its value", ["fit", thyroid, "--detector"], "--detector <NAME>"],
    ["an argument too many", ["inspect", "a.onnx", "b.onnx"], "too many arguments"],
    [
      "text for a number",
      ["score", "a.onnx", thyroid, "--threshold", "high"],
      '--threshold must be a number, not "high"',
    ],
    [
      "a detector's option out of range",
      ["fit", thyroid, "--detector", "vae", "--latent", "0", "--out", "x.onnx"],
      '--latent is "0"',
    ],
    [
      "a detector's option of another kind",
      ["fit", thyroid, "--detector", "vae", "--hidden", "a,b", "--out", "x.onnx"],
      '--hidden is "a,b"',
    ],
    [
      "an unknown choice",
      ["fit", thyroid, "--detector", "ecod", "--scaling", "big", "--out", "x.onnx"],
      '--scaling is "big"',
    ],
    [
      "an unknown rule",
      ["fit", thyroid, "--detector", "ecod", "--threshold", "best", "--out", "x.onnx"],
      '--threshold is "best"',
    ],
    [
      "a folder that is not there",
      ["fit", thyroid, "--detector", "ecod", "--out", "/nowhere/at/all/x.onnx"],
      "there is no folder",
    ],
    [
      "a format that is not known",
      ["score", "a.onnx", thyroid, "--out", "scores.docx"],
      "does not say its format",
    ],
    ["a download of nothing", ["datasets", "--download"], "needs the name of a data set"],
  ];
  it.each(cases)("%s: code 2, and the option is named", async (_, args, message) => {
    const { code, stdout, stderr } = await surprisal(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
  });

  it("an evaluation without labels says what to give", async () => {
    const model = place.path("label.onnx");
    await surprisal(["fit", thyroid, "--detector", "ecod", "--label", "class=1", "--out", model]);
    const { code, stderr } = await surprisal(["evaluate", model, thyroid]);
    expect(code).toBe(2);
    expect(stderr).toContain("--label class=1");
  });
});

describe("--json", () => {
  it("puts errors on the standard error as one object, and nothing on the standard output", async () => {
    const { code, stdout, stderr } = await surprisal(["score", "nope.onnx", thyroid, "--json"]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(JSON.parse(stderr)).toEqual({
      error: { kind: "failure", exitCode: 1, message: expect.stringContaining("nope.onnx") },
    });
    const usage = await surprisal(["scor", "--json"]);
    expect(JSON.parse(usage.stderr)).toMatchObject({ error: { kind: "usage", exitCode: 2 } });
  });
});

describe("--config", () => {
  it("gives arguments and options; the command line wins", async () => {
    const out = place.path("config.onnx");
    const file = await config("fit.json", {
      data: thyroid,
      detector: "isolation-forest",
      label: "class=1",
      drop: ["age"],
      threshold: { rule: "contamination", fraction: 0.1 },
      trees: 7,
      json: true,
      out,
    });
    const { code, stdout } = await surprisal(["fit", "--config", file, "--trees", "9"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      model: out,
      columns: ["TSH", "T3", "TT4", "T4U", "FTI"],
      thresholdRule: { rule: "contamination", fraction: 0.1 },
      summary: { trees: 9 },
    });
  });

  it("is refused where a key is unknown, with the nearest", async () => {
    const file = await config("unknown.json", { data: thyroid, detector: "vae", batchsize: 3 });
    const { code, stderr } = await surprisal(["fit", "--config", file]);
    expect(code).toBe(2);
    expect(stderr).toContain('unknown key "batchsize"');
    expect(stderr).toContain('Did you mean "batchSize"?');
  });

  it("is refused where it is not a JSON object, or not there, or a value is wrong", async () => {
    const run = async (path: string) => (await surprisal(["fit", "--config", path])).stderr;
    expect(await run(await config("broken.json", "{"))).toContain("is not JSON");
    expect(await run(await config("list.json", "[]"))).toContain("must hold one JSON object");
    expect(await run(place.path("absent.json"))).toContain("does not exist");
    expect(await run(await config("type.json", { data: 3, detector: "ecod", out: [] }))).toContain(
      '"out" in',
    );
    expect(
      await run(
        await config("value.json", { data: thyroid, detector: "vae", latent: "x", out: place.path("v") }),
      ),
    ).toContain("--latent");
  });
});

describe("colours", () => {
  it("are there on a terminal only, and not under NO_COLOR", async () => {
    const escape = "\u001B[";
    const wrong = ["detectors", "vea"];
    expect((await surprisal(wrong)).stderr).not.toContain(escape);
    expect((await surprisal(wrong, { isTTY: true })).stderr).toContain(escape);
    expect((await surprisal(wrong, { isTTY: true, env: { NO_COLOR: "1" } })).stderr).not.toContain(escape);
    expect((await surprisal(["detectors"], { isTTY: true })).stdout).toContain(escape);
  });

  it("and a progress bar that is taken away at the end", async () => {
    const out = place.path("bar.onnx");
    const args = ["fit", thyroid, "--detector", "isolation-forest", "--out", out];
    const shown = await surprisal(args, { isTTY: true });
    // How full the bar is when it is drawn is a matter of time.
    expect(shown.stderr).toMatch(/[\u2588\u2591]{24} \d+%/);
    expect(shown.stderr.slice(-40)).toContain("\u001B[?25h");
    expect(shown.stderr.endsWith("\u001B[2K")).toBe(true);
    expect((await surprisal([...args, "--quiet"], { isTTY: true })).stderr).toBe("");
  });
});

describe("SURPRISAL_DEBUG", () => {
  it("prints where an error comes from", async () => {
    const plain = await surprisal(["inspect", "nope.onnx"]);
    expect(plain.stderr.trimEnd().split("\n")).toHaveLength(1);
    const debug = await surprisal(["inspect", "nope.onnx"], { env: { SURPRISAL_DEBUG: "1" } });
    expect(debug.stderr).toMatch(/\n +at /);
  });
});
