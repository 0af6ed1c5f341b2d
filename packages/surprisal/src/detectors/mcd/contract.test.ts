import { describeContract } from "../../testing/contract.js";
import { mcd } from "./index.js";

describeContract("mcd", { create: (seed) => mcd({ seed }), isRandom: true });
