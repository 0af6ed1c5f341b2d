import { formatShape, shapeEquals } from "../tensor/shape.js";
import type { Float, Rules } from "./rule.js";
import { unbroadcast } from "./unbroadcast.js";

/** Throws a `TypeError` unless a custom rule's gradient fits the input that it is for. */
function checked(gradient: Float, of: Float, index: number): Float {
  const reduced = gradient.shape.length >= of.shape.length ? unbroadcast(gradient, of.shape) : gradient;
  if (reduced.dtype !== of.dtype || !shapeEquals(reduced.shape, of.shape)) {
    throw new TypeError(
      `customGradient: the rule returned ${gradient.dtype}${formatShape(gradient.shape)} for input ${index}, which is ${of.dtype}${formatShape(of.shape)}`,
    );
  }
  return reduced;
}

export const customRules: Rules<"stopGradient" | "customGradient"> = {
  stopGradient: "none",
  customGradient: (gradient, output) => {
    const inputs = output.operands.slice(1);
    const gradients = output.attributes.rule(gradient, output, inputs);
    if (gradients.length !== inputs.length) {
      throw new TypeError(
        `customGradient: the rule returned ${gradients.length} gradients for ${inputs.length} inputs`,
      );
    }
    return [
      undefined,
      ...gradients.map((value, i) =>
        value === undefined ? undefined : () => checked(value as Float, inputs[i] as Float, i),
      ),
    ];
  },
};
