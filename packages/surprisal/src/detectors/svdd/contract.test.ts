import { describeContract } from "../../testing/contract.js";
import { svdd } from "./index.js";

describeContract("svdd", { create: (seed) => svdd({ seed }), isRandom: false });
