import { execFile } from "node:child_process";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { attribute, type NodeSpec, type ValueSpec, writeModel } from "../onnx/index.js";
import type { DType, HostTensor } from "../tensor/index.js";
import { symbol } from "../tensor/index.js";
import { openSession, runtimeInfo } from "./index.js";

function model(
  inputs: readonly ValueSpec[],
  outputs: readonly ValueSpec[],
  nodes: readonly NodeSpec[],
  initializers: Record<string, HostTensor> = {},
): Uint8Array {
  return writeModel({
    graph: { name: "test", inputs, outputs, nodes, initializers: new Map(Object.entries(initializers)) },
    irVersion: 8,
    opsets: { "": 17 },
  });
}

const value = (name: string, dtype: DType, ...shape: (number | string)[]): ValueSpec => ({
  name,
  dtype,
  shape: shape.map((dim) => (typeof dim === "string" ? symbol(dim) : dim)),
});

const floats = (data: readonly number[], shape = [data.length]): HostTensor<"float32"> => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(data),
});

const sum = model(
  [value("x", "float32", "N", 2), value("y", "float32", "N", 2)],
  [value("z", "float32", "N", 2), value("w", "float32", "N", 2)],
  [
    { opType: "Add", inputs: ["x", "y"], outputs: ["z"] },
    { opType: "Mul", inputs: ["x", "y"], outputs: ["w"] },
  ],
);

/** A chain of large matrix products: some tenths of a second. */
const heavy = model(
  [value("x", "float32", 768, 768)],
  [value("y12", "float32", 768, 768)],
  Array.from({ length: 12 }, (_, i) => ({
    opType: "MatMul",
    inputs: ["x", i === 0 ? "x" : `y${i}`],
    outputs: [`y${i + 1}`],
  })),
);
const heavyFeeds = { x: floats(Array(768 * 768).fill(0), [768, 768]) };

/** Makes the worker that runs the programs throw outside of any call. */
async function killWorkerDuring<T>(task: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  const worker = lastWorker;
  if (!worker) throw new Error("no worker was started");
  worker.postMessage(null);
  const [result] = await Promise.allSettled([task()]);
  return result as PromiseSettledResult<T>;
}

let lastWorker: Worker | undefined;
process.on("worker", (worker) => {
  lastWorker = worker;
});

describe("a session", () => {
  it("describes the program and runs it", async () => {
    await using session = await openSession(sum);
    expect(session.inputs.map(({ name, dtype, dims }) => ({ name, dtype, dims }))).toEqual([
      { name: "x", dtype: "float32", dims: ["N", 2] },
      { name: "y", dtype: "float32", dims: ["N", 2] },
    ]);
    const x = floats([1, 2, 3, 4], [2, 2]);
    const results = await session.run({ x, y: floats([10, 20, 30, 40], [2, 2]) });
    expect(results).toEqual({
      z: floats([11, 22, 33, 44], [2, 2]),
      w: floats([10, 40, 90, 160], [2, 2]),
    });
    expect([...x.data]).toEqual([1, 2, 3, 4]);
  });

  it("returns only the outputs asked for, and accepts views of larger arrays", async () => {
    await using session = await openSession(sum, { outputs: ["w"] });
    const row = {
      dtype: "float32",
      shape: [1, 2],
      data: new Float32Array([9, 2, 3, 9]).subarray(1, 3),
    } as const;
    expect(await session.run({ x: row, y: row })).toEqual({ w: floats([4, 9], [1, 2]) });
  });

  it("returns what a call asks for, of all outputs", async () => {
    await using session = await openSession(sum);
    const x = floats([2, 3], [1, 2]);
    expect(await session.run({ x, y: x }, { outputs: ["w"] })).toEqual({ w: floats([4, 9], [1, 2]) });
    expect(Object.keys(await session.run({ x, y: x }))).toEqual(["z", "w"]);
    await expect(session.run({ x, y: x }, { outputs: ["v"] })).rejects.toThrow('no output "v"');
  });

  it("takes over what is handed over, and copies what is a part of more", async () => {
    await using session = await openSession(sum, { outputs: ["z"] });
    const whole = floats([1, 2], [1, 2]);
    const part = { ...whole, data: new Float32Array([9, 10, 20]).subarray(1) };
    expect(await session.run({ x: whole, y: part }, { handOver: true })).toEqual({
      z: floats([11, 22], [1, 2]),
    });
    expect(whole.data).toHaveLength(0);
    expect([...part.data]).toEqual([10, 20]);
    const twice = floats([3, 4], [1, 2]);
    expect(await session.run({ x: twice, y: twice }, { handOver: true })).toEqual({
      z: floats([6, 8], [1, 2]),
    });
  });

  it("carries every element type", async () => {
    const types: DType[] = ["float32", "float64", "int32", "int64", "uint8", "bool", "string"];
    const identity = model(
      types.map((dtype) => value(`in_${dtype}`, dtype, 2)),
      types.map((dtype) => value(`out_${dtype}`, dtype, 2)),
      types.map((dtype) => ({ opType: "Identity", inputs: [`in_${dtype}`], outputs: [`out_${dtype}`] })),
    );
    const data: Record<string, HostTensor["data"]> = {
      float32: new Float32Array([1.5, -2]),
      float64: new Float64Array([1e300, -2]),
      int32: new Int32Array([1, -2]),
      int64: new BigInt64Array([2n ** 60n, -2n]),
      uint8: new Uint8Array([0, 255]),
      bool: new Uint8Array([1, 0]),
      string: ["", "Zürich"],
    };
    await using session = await openSession(identity);
    const results = await session.run(
      Object.fromEntries(
        types.map((dtype) => [`in_${dtype}`, { dtype, shape: [2], data: data[dtype]! } as HostTensor]),
      ),
    );
    for (const dtype of types) {
      expect(results[`out_${dtype}`]).toEqual({ dtype, shape: [2], data: data[dtype] });
    }
  });

  it("feeds the default of an input unless the caller gives a value", async () => {
    const withDefault = model(
      [value("x", "float32", 2), value("threshold", "float32")],
      [value("above", "bool", 2)],
      [{ opType: "Greater", inputs: ["x", "threshold"], outputs: ["above"] }],
      { threshold: floats([0.5], []) },
    );
    await using session = await openSession(withDefault);
    expect(session.inputs.find((input) => input.name === "threshold")?.hasDefault).toBe(true);
    const x = floats([0.2, 0.7]);
    expect((await session.run({ x })).above?.data).toEqual(new Uint8Array([0, 1]));
    expect((await session.run({ x, threshold: floats([0.1], []) })).above?.data).toEqual(
      new Uint8Array([1, 1]),
    );
  });

  it("names the fault of feeds that do not fit", async () => {
    await using session = await openSession(sum);
    const x = floats([1, 2], [1, 2]);
    const doubles: HostTensor = { dtype: "float64", shape: [1, 2], data: new Float64Array(2) };
    const mixed = { ...x, data: new Float64Array(2) } as unknown as HostTensor;
    await expect(session.run({ x })).rejects.toThrow('the input "y" is missing');
    await expect(session.run({ x, y: x, q: x })).rejects.toThrow('no input "q"; its inputs are "x", "y"');
    await expect(session.run({ x, y: doubles })).rejects.toThrow('"y" must be float32, got float64');
    await expect(session.run({ x, y: mixed })).rejects.toThrow(
      '"y" of float32 needs its data in a Float32Array',
    );
    await expect(session.run({ x, y: floats([1, 2, 3], [1, 3]) })).rejects.toThrow(
      '"y" must have the shape [N, 2], got [1, 3]',
    );
    await expect(session.run({ x, y: floats([1, 2]) })).rejects.toThrow("[N, 2], got [2]");
    await expect(session.run({ x, y: floats([1, 2, 3, 4], [2, 2]) })).rejects.toThrow(
      'N is 1 in the input "x" but 2 in "y"',
    );
    await expect(session.run({ x, y: floats([1], [1, 2]) })).rejects.toThrow("needs 2 values, got 1");
  });

  it("names the fault of bytes and options", async () => {
    await expect(openSession(new TextEncoder().encode("no model"))).rejects.toThrow(/not an ONNX model/);
    const unknown = model(
      [value("x", "float32", 1)],
      [value("y", "float32", 1)],
      [{ opType: "NoSuchOperator", inputs: ["x"], outputs: ["y"] }],
    );
    await expect(openSession(unknown)).rejects.toThrow(/NoSuchOperator/);
    await expect(openSession(sum, { outputs: ["v"] })).rejects.toThrow(
      'no output "v"; its outputs are "z", "w"',
    );
    await expect(openSession(sum, { threads: 0 })).rejects.toThrow(RangeError);
  });

  it("rejects with ONNX Runtime's message when a run fails, and goes on", async () => {
    const gather = model(
      [value("x", "float32", 2), value("i", "int64", 1)],
      [value("y", "float32", 1)],
      [{ opType: "Gather", inputs: ["x", "i"], outputs: ["y"], attributes: { axis: attribute.int(0) } }],
    );
    await using session = await openSession(gather);
    const x = floats([5, 6]);
    const at = (i: bigint): HostTensor => ({ dtype: "int64", shape: [1], data: new BigInt64Array([i]) });
    await expect(session.run({ x, i: at(7n) })).rejects.toThrow(/indices|bounds/i);
    expect((await session.run({ x, i: at(1n) })).y).toEqual(floats([6]));
  });
});

describe("sharing and closing", () => {
  it("shares one program between equal bytes until the last is closed", async () => {
    const first = await openSession(sum);
    const second = await openSession(sum.slice());
    const x = floats([1, 2], [1, 2]);
    const pending = first.run({ x, y: x });
    await first.close();
    await first.close();
    expect((await pending).z).toEqual(floats([2, 4], [1, 2]));
    await expect(first.run({ x, y: x })).rejects.toThrow("the session is closed");
    expect((await second.run({ x, y: x })).z).toEqual(floats([2, 4], [1, 2]));
    await second.close();
  });

  it("tells large programs apart that differ in one number", async () => {
    const size = 100_000;
    const numbers = Float32Array.from({ length: size }, (_, i) => i);
    const adding = (data: Float32Array<ArrayBuffer>) =>
      model(
        [value("x", "float32", 1)],
        [value("y", "float32", size)],
        [{ opType: "Add", inputs: ["x", "c"], outputs: ["y"] }],
        { c: { dtype: "float32", shape: [size], data } },
      );
    await using first = await openSession(adding(numbers));
    for (const place of [1, 50_001, size - 1]) {
      const others = numbers.with(place, -1);
      await using second = await openSession(adding(others));
      expect((await second.run({ x: floats([0]) })).y?.data[place]).toBe(-1);
      expect((await first.run({ x: floats([0]) })).y?.data[place]).toBe(place);
    }
  });

  it("gives the memory of closed sessions back", async () => {
    const weights = (fill: number): HostTensor => ({
      dtype: "float32",
      shape: [2_000_000],
      data: new Float32Array(2_000_000).fill(fill),
    });
    const openAndClose = async (fill: number) => {
      const bytes = model(
        [value("x", "float32", 1)],
        [value("y", "float32", 2_000_000)],
        [{ opType: "Add", inputs: ["x", "w"], outputs: ["y"] }],
        { w: weights(fill) },
      );
      await (await openSession(bytes)).close();
    };
    for (let i = 0; i < 4; i++) await openAndClose(i);
    const before = process.memoryUsage.rss();
    for (let i = 4; i < 24; i++) await openAndClose(i);
    // 20 leaked sessions would hold 160 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
  });

  it("rejects calls of a lost worker; the next call starts a fresh one", async () => {
    await using session = await openSession(sum);
    const x = floats([1, 2], [1, 2]);
    const lost = await killWorkerDuring(() => session.run({ x, y: x }));
    expect(lost.status).toBe("rejected");
    expect(String((lost as PromiseRejectedResult).reason)).toMatch(
      /the worker that runs the program was lost/,
    );
    expect((await session.run({ x, y: x })).z).toEqual(floats([2, 4], [1, 2]));
  });
});

describe("threads", () => {
  it("the main thread goes on during a heavy run", async () => {
    await using session = await openSession(heavy, { graphOptimization: "disabled" });
    await session.run(heavyFeeds);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const start = performance.now();
    const idle = performance.eventLoopUtilization();
    await Promise.all([session.run(heavyFeeds), session.run(heavyFeeds), session.run(heavyFeeds)]);
    const elapsed = performance.now() - start;
    clearInterval(timer);
    // Blocked by the runs, the loop would be busy all the time; a loaded machine only delays ticks.
    expect(ticks).toBeGreaterThan(elapsed / 5 / 20);
    expect(performance.eventLoopUtilization(idle).utilization).toBeLessThan(0.5);
  });

  it("says what programs run on", async () => {
    const info = await runtimeInfo();
    expect(info.backend).toMatch(/^onnxruntime-(node|web)$/);
    expect(info.version).toMatch(/^\d+\.\d+/);
    expect(info.threads).toBeGreaterThan(0);
    expect(info.platform).toContain(process.versions.node);
  });
});

describe("in a process of its own", () => {
  const run = promisify(execFile);
  const index = new URL("./index.js", import.meta.url).href;
  const script = (body: string) => `
    import { openSession, runtimeInfo } from ${JSON.stringify(index)};
    const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
    ${body}`;
  const base64 = (bytes: Uint8Array) => JSON.stringify(Buffer.from(bytes).toString("base64"));
  const node = (body: string, env: Record<string, string> = {}) =>
    run(process.execPath, ["--input-type=module", "-e", script(body)], {
      env: { ...process.env, ...env },
      timeout: 30_000,
    });

  it("open sessions do not keep the process alive, but a pending run does", async () => {
    const { stdout } = await node(`
      const session = await openSession(bytes(${base64(sum)}));
      const x = { dtype: "float32", shape: [1, 2], data: new Float32Array([1, 2]) };
      session.run({ x, y: x }).then(({ z }) => console.log(String(z.data)));`);
    expect(stdout.trim()).toBe("2,4");
  });

  it("may exit during a run", async () => {
    const { stdout } = await node(`
      const session = await openSession(bytes(${base64(heavy)}), { graphOptimization: "disabled" });
      const x = { dtype: "float32", shape: [768, 768], data: new Float32Array(768 * 768) };
      for (let i = 0; i < 20; i++) session.run({ x });
      setTimeout(() => { console.log("leaving"); process.exit(0); }, 50);`);
    expect(stdout.trim()).toBe("leaving");
  });

  it("falls back to WebAssembly", async () => {
    const { stdout } = await node(
      `
      const session = await openSession(bytes(${base64(sum)}));
      const x = { dtype: "float32", shape: [1, 2], data: new Float32Array([1, 2]) };
      const { z } = await session.run({ x, y: x });
      const { backend, fallbackReason } = await runtimeInfo();
      console.log(String(z.data), backend, fallbackReason);`,
      { SURPRISAL_RUNTIME: "web" },
    );
    expect(stdout.trim()).toBe('2,4 onnxruntime-web SURPRISAL_RUNTIME is "web"');
  });
});
