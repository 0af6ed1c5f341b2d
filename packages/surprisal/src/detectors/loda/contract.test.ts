import { describeContract } from "../../testing/contract.js";
import { loda } from "./index.js";

describeContract("loda", { create: (seed) => loda({ seed }), isRandom: true });
