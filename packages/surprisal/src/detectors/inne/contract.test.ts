import { describeContract } from "../../testing/contract.js";
import { inne } from "./index.js";

describeContract("inne", { create: (seed) => inne({ seed }), isRandom: true });
