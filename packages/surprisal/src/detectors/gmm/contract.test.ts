import { describeContract } from "../../testing/contract.js";
import { gmm } from "./index.js";

describeContract("gmm", { create: (seed) => gmm({ seed, components: 3 }), isRandom: true });
