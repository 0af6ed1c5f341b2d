import { int } from "../../onnx/attribute.js";
import { gatherRows, type NativeBuilder, roundUp, shaped, toBlocks, transpose } from "./builder.js";

/**
 * The kernel of a correlation as it is read from a stored kernel [first, second, taps]: either
 * [outputs, inputs, taps], or with both exchanged as a data gradient needs it; `taps` lists the
 * stored taps in the order of the correlation's.
 */
export interface Kernel {
  readonly name: string;
  readonly first: number;
  readonly second: number;
  readonly storedTaps: number;
  readonly isExchanged: boolean;
  readonly taps: readonly number[];
  readonly size: readonly [number, number];
}

export function outputsOf(kernel: Kernel): number {
  return kernel.isExchanged ? kernel.second : kernel.first;
}

export function inputsOf(kernel: Kernel): number {
  return kernel.isExchanged ? kernel.first : kernel.second;
}

function keyOf(kernel: Kernel): string {
  return `${kernel.name} ${kernel.isExchanged} ${kernel.taps.join()}`;
}

function isInOrder(kernel: Kernel): boolean {
  return kernel.taps.length === kernel.storedTaps && kernel.taps.every((tap, i) => tap === i);
}

/** Row-major [outputs, inputs, taps], for the portable operators and the small rearrangements. */
export function plainKernel(builder: NativeBuilder, kernel: Kernel): string {
  const { name, storedTaps } = kernel;
  const [outputs, inputs] = [outputsOf(kernel), inputsOf(kernel)];
  return builder.once(`plain ${keyOf(kernel)}`, () => {
    let stored = name;
    if (kernel.isExchanged) stored = transpose(builder, stored, [1, 0, 2]);
    if (!isInOrder(kernel)) {
      const taps = builder.context.int64(kernel.taps);
      stored = builder.context.add("Gather", [stored, taps], { axis: int(2) });
    }
    return shaped(builder, stored, [outputs, inputs, storedTaps], [outputs, inputs, kernel.taps.length]);
  });
}

/** [outputs / block, inputs / block, taps, block of inputs, block of outputs], or plain inputs. */
export function blockedKernel(builder: NativeBuilder, kernel: Kernel, areInputsBlocked: boolean): string {
  return builder.once(`blocked ${areInputsBlocked} ${keyOf(kernel)}`, () =>
    makeBlockedKernel(builder, kernel, areInputsBlocked),
  );
}

function makeBlockedKernel(builder: NativeBuilder, kernel: Kernel, areInputsBlocked: boolean): string {
  const block = builder.block!;
  const { first, second, storedTaps, taps } = kernel;
  const [outputs, inputs] = [outputsOf(kernel), inputsOf(kernel)];
  const [wideOutputs, wideInputs] = [
    roundUp(outputs, block),
    areInputsBlocked ? roundUp(inputs, block) : inputs,
  ];
  let [inner, innerDims]: [string, number[]] = ["", []];
  if (!areInputsBlocked) {
    inner = plainKernel(builder, kernel);
    innerDims = [outputs, inputs, taps.length];
  } else if (kernel.isExchanged) {
    // Blocks of the correlation's inputs first, then rows of them in the order wanted.
    const rows = builder.once(`rows ${kernel.name}`, () =>
      toBlocks(builder, kernel.name, [first, second, storedTaps], [1, first, second * storedTaps]),
    );
    const blocks = wideInputs / block;
    const indices = new Int32Array(second * blocks * taps.length);
    let i = 0;
    for (let output = 0; output < second; output++) {
      for (let b = 0; b < blocks; b++) {
        for (const tap of taps) indices[i++] = (b * second + output) * storedTaps + tap;
      }
    }
    const table = shaped(
      builder,
      rows,
      [1, wideInputs, second * storedTaps, 1],
      [blocks * second * storedTaps, block],
    );
    inner = gatherRows(builder, table, indices, [second, blocks * taps.length]);
    innerDims = [outputs, blocks, taps.length, block];
  } else {
    const stored = plainKernel(builder, kernel);
    inner = toBlocks(builder, stored, [outputs, inputs, taps.length], [outputs, inputs, taps.length]);
    innerDims = [outputs, wideInputs, taps.length, 1];
  }
  const rest = wideInputs * taps.length;
  const made = toBlocks(builder, inner, innerDims, [1, outputs, rest]);
  return shaped(builder, made, [1, wideOutputs, rest, 1], [wideOutputs, wideInputs, ...kernel.size]);
}
