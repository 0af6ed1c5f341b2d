import { describeContract } from "../../testing/contract.js";
import { ocSvm } from "./index.js";

describeContract("oc-svm", { create: (seed) => ocSvm({ seed }), isRandom: false });

describeContract("oc-svm with Nyström features", {
  create: (seed) => ocSvm({ seed, solver: "nystroem", components: 50 }),
  isRandom: true,
});
