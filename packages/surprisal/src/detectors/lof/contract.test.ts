import { describeContract } from "../../testing/contract.js";
import { lof } from "./index.js";

describeContract("lof", { create: (seed) => lof({ seed }), isRandom: false });
