import { describeContract } from "../../testing/contract.js";
import { auto } from "./index.js";

describeContract("auto", { create: (seed) => auto({ seed }), isRandom: true });
