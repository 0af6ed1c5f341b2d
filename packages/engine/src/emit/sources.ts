import { staticShape } from "../tensor/shape.js";
import type { Rules } from "./rule.js";

export const sourceRules: Rules<"input" | "constant"> = {
  input: { emit: (x) => x.attributes.name },
  constant: {
    emit: (x, context) =>
      context.constant({
        dtype: x.dtype,
        shape: staticShape(x.shape, "a constant"),
        data: x.attributes.data,
      }),
  },
};
