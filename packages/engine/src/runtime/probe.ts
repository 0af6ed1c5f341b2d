import { emitModel, portable, type Target } from "../emit/index.js";
import { blockedDomain, nativeTarget } from "../emit/native/index.js";
import { writeModel } from "../onnx/model.js";
import { conv2d, conv2dTranspose } from "../tensor/convolution.js";
import type { HostTensor } from "../tensor/dtype.js";
import { input, node, type Tensor } from "../tensor/tensor.js";
import { openSession } from "./session.js";

async function runOnce(model: Uint8Array<ArrayBuffer>, feeds: Record<string, HostTensor>) {
  const session = await openSession(model, { threads: 1, graphOptimization: "disabled" });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

function counted(shape: readonly number[]): HostTensor<"float32"> {
  const size = shape.reduce((total, length) => total * length, 1);
  return { dtype: "float32", shape, data: Float32Array.from({ length: size }, (_, i) => i) };
}

/** Channels in a block: how far apart reordering puts two places that were neighbours. */
async function measureBlock(): Promise<number | undefined> {
  const shape = [1, 64, 2, 1];
  const model = writeModel({
    graph: {
      name: "probe",
      inputs: [{ name: "x", dtype: "float32", shape }],
      outputs: [{ name: "y", dtype: "float32" }],
      nodes: [{ opType: "ReorderInput", domain: blockedDomain, inputs: ["x"], outputs: ["y"] }],
      initializers: new Map(),
    },
    irVersion: 10,
    opsets: { "": 21, [blockedDomain]: 1 },
    producer: "surprisal",
  });
  const { y } = await runOnce(model, { x: counted(shape) });
  const block = (y!.data as Float32Array).indexOf(1);
  return block > 1 && 64 % block === 0 ? block : undefined;
}

/** A little of everything that training programs do with blocked channels. */
function selfTest(block: number): Record<string, Tensor> {
  const [x, y, kernel] = [
    input("x", [block, block, 6, 6]),
    input("y", [block, 2 * block, 3, 3]),
    input("kernel", [2 * block, block, 3, 3]),
  ] as const;
  const geometry = { strides: 2, padding: [0, 1, 0, 1] } as const;
  const attributes = {
    strides: [2, 2] as const,
    padding: [0, 1, 0, 1] as const,
    dilations: [1, 1] as const,
    groups: 1,
    kernel: [3, 3] as const,
  };
  return {
    forward: conv2d(x, kernel, geometry),
    backward: conv2dTranspose(y, kernel, { ...geometry, outputSize: [6, 6] }),
    gradient: node("convKernelGradient", [x, y], attributes, kernel.shape, "float32"),
  };
}

async function agrees(block: number): Promise<boolean> {
  const outputs = selfTest(block);
  const wave = (shape: readonly number[], step: number): HostTensor<"float32"> => {
    const { data } = counted(shape);
    return { dtype: "float32", shape, data: data.map((i) => Math.sin(step * i)) };
  };
  const feeds = {
    x: wave([block, block, 6, 6], 0.7),
    y: wave([block, 2 * block, 3, 3], 1.3),
    kernel: wave([2 * block, block, 3, 3], 2.1),
  };
  const run = (target: Target) => runOnce(emitModel({ outputs, target }), feeds);
  // One after the other, for that needs one worker only.
  const expected = await run(portable);
  const actual = await run(nativeTarget({ blockSize: block }));
  return Object.keys(outputs).every((name) => {
    const [wanted, got] = [expected[name]!.data, actual[name]!.data] as [Float32Array, Float32Array];
    return wanted.every((value, i) => Math.abs(value - got[i]!) <= 1e-3 * (1 + Math.abs(value)));
  });
}

async function probe(): Promise<number | undefined> {
  try {
    const block = await measureBlock();
    return block !== undefined && (await agrees(block)) ? block : undefined;
  } catch {
    // A runtime without the blocked operators refuses the model: that is the answer.
    return undefined;
  }
}

let answer: Promise<number | undefined> | undefined;

/**
 * Channels in a block of ONNX Runtime's blocked convolutions on this machine, or undefined where
 * it has none or they give a wrong answer. Found out once in a process, by running them.
 */
export function probeBlockSize(): Promise<number | undefined> {
  answer ??= probe();
  return answer;
}

/** The target for training programs on this machine. */
export async function machineTarget(): Promise<Target> {
  return nativeTarget({ blockSize: await probeBlockSize() });
}
