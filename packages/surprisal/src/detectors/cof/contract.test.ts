import { describeContract } from "../../testing/contract.js";
import { cof } from "./index.js";

describeContract("cof", { create: (seed) => cof({ seed }), isRandom: false });
