import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { type Boundary, boundaryOptions, fitBoundary, nuOption } from "../../support-vectors/index.js";
import { svddGraph } from "./graph.js";

/**
 * Support vector data description: the smallest ball, in the kernel's space, that holds most
 * training rows (Tax & Duin 2004). A row's score is its squared distance from the centre beyond the
 * squared radius.
 */
export const svdd = defineDetector({
  name: "svdd",
  title: "Support vector data description",
  summary: "The smallest ball, in a kernel's space, around all but a share of the training rows.",
  version: 1,
  options: boundaryOptions.extend({ nu: nuOption.default(0.1) }),
  prepare: () => ({ scaling: "standard", dtype: "float64" }),
  fit: async ({ data, width: columns }, options, context) => {
    const kind = { detector: "svdd", isBall: true };
    const state: Boundary = await fitBoundary(data as Float64Array, columns, options, kind, context);
    return { state, summary: state.summary };
  },
  graph: (x, state: Boundary) => svddGraph(asMatrix(x as never), state),
});
