import { describeContract } from "../../testing/contract.js";
import { kmeansDistance } from "./index.js";

describeContract("kmeans-distance", { create: (seed) => kmeansDistance({ seed }), isRandom: true });
