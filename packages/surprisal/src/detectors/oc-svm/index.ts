import { defineDetector } from "../../detector/index.js";
import { asMatrix } from "../../preprocess/index.js";
import { type Boundary, boundaryOptions, fitBoundary, nuOption } from "../../support-vectors/index.js";
import { ocSvmGraph } from "./graph.js";

/**
 * One-class support vector machine: the flattest boundary, in the kernel's space, that separates
 * most training rows from the origin (Schölkopf et al. 2001). As scikit-learn's, sign turned round:
 * rows outside score above 0.
 */
export const ocSvm = defineDetector({
  name: "oc-svm",
  title: "One-class support vector machine",
  summary: "A smooth boundary around all but a share of the training rows; exact to 10 000 rows.",
  version: 1,
  options: boundaryOptions.extend({ nu: nuOption.default(0.5) }),
  prepare: () => ({ scaling: "standard", dtype: "float64" }),
  fit: async ({ data, width: columns }, options, context) => {
    const kind = { detector: "oc-svm", isBall: false };
    const state: Boundary = await fitBoundary(data as Float64Array, columns, options, kind, context);
    return { state, summary: state.summary };
  },
  graph: (x, state: Boundary) => ocSvmGraph(asMatrix(x as never), state),
});
