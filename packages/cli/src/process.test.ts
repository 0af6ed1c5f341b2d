import { type ChildProcess, spawn } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkplace, program, sample, surprisal, type Workplace } from "./testing/cli.js";

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace();
});
afterAll(() => place.remove());

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[]): {
  child: ChildProcess;
  stderr: () => string;
  ended: Promise<Ended>;
} {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout!.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, stderr: () => stderr, ended };
}

/** Waits until something holds, at most half a minute. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 600) throw new Error("it does not come about");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

const longFit = (out: string) => [
  "fit",
  sample("thyroid.csv"),
  "--detector",
  "vae",
  "--epochs",
  "100000",
  "--out",
  out,
];

describe("Ctrl-C", () => {
  it("ends a fit within a second with code 130, and leaves nothing", async () => {
    const { child, stderr, ended } = start(longFit(place.path("interrupted.onnx")));
    await until(() => stderr().includes("epoch"));
    const asked = Date.now();
    child.kill("SIGINT");
    const { code, stdout, stderr: said } = await ended;
    expect(Date.now() - asked).toBeLessThan(1000);
    expect(code).toBe(130);
    expect(stdout).toBe("");
    expect(said.endsWith("surprisal: interrupted\n")).toBe(true);
    expect(await place.names()).toEqual([]);
  });

  it("ends scoring into a file, of which nothing remains", async () => {
    const model = place.path("model.onnx");
    await surprisal(["fit", sample("thyroid.csv"), "--detector", "isolation-forest", "--out", model]);
    const rows = place.path("many.csv");
    const line = "0.5,0.5,0.5,0.5,0.5,0.5,0\n";
    await writeFile(rows, `age,TSH,T3,TT4,T4U,FTI,class\n${line.repeat(400_000)}`);
    const before = await place.names();
    for (const name of ["scores.csv", "scores.parquet"]) {
      const { child, ended } = start(["score", model, rows, "--out", place.path(name)]);
      await until(async () => (await place.names()).length > before.length);
      const asked = Date.now();
      child.kill("SIGINT");
      expect((await ended).code).toBe(130);
      expect(Date.now() - asked).toBeLessThan(1000);
      expect(await place.names()).toEqual(before);
    }
  });

  it("and a termination has code 143", async () => {
    const { child, stderr, ended } = start([...longFit(place.path("terminated.onnx"))]);
    await until(() => stderr().includes("epoch"));
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    expect(await exists(place.path("terminated.onnx"))).toBe(false);
  });

  it("in the same process: the signal's reason decides, and nothing is left", async () => {
    const { Interrupted } = await import("./faults.js");
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Interrupted("SIGINT")), 700);
    const out = place.path("aborted.onnx");
    const { code, stdout, stderr } = await surprisal([...longFit(out), "--json"], {
      signal: controller.signal,
    });
    expect(code).toBe(130);
    expect(stdout).toBe("");
    expect(JSON.parse(stderr)).toEqual({
      error: { kind: "interrupted", exitCode: 130, message: "interrupted" },
    });
    expect(await exists(out)).toBe(false);
  });
});

describe("a reader that goes away", () => {
  it("ends the command quietly", async () => {
    const model = place.path("pipe.onnx");
    await surprisal(["fit", sample("thyroid.csv"), "--detector", "ecod", "--out", model]);
    const query = `sql:select t.* from '${sample("thyroid.csv")}' t, range(200)`;
    const { child, ended } = start(["score", model, query, "--quiet"]);
    child.stdout!.once("data", () => child.stdout!.destroy());
    const { code, stdout, stderr } = await ended;
    expect(stdout.startsWith("row,score,p_value,is_anomaly\n")).toBe(true);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });
});

describe("without a terminal", () => {
  it("prints all of a long output, plain, and nothing else", async () => {
    const { code, stdout, stderr } = await start(["datasets", "--json"]).ended;
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout).datasets.length).toBeGreaterThan(10);
  });

  it("exits with the code of the fault", async () => {
    expect((await start(["scor"]).ended).code).toBe(2);
    const { code, stderr } = await start(["inspect", "nope.onnx"]).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^surprisal: .*nope\.onnx.*\n$/);
  });
});
