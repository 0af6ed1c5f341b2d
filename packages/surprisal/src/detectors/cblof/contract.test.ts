import { describeContract } from "../../testing/contract.js";
import { cblof } from "./index.js";

describeContract("cblof", { create: (seed) => cblof({ seed }), isRandom: true });
