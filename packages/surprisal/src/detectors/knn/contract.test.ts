import { describeContract } from "../../testing/contract.js";
import { knn } from "./index.js";

describeContract("knn", { create: (seed) => knn({ seed }), isRandom: false });
