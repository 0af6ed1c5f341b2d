import { describeContract } from "../../testing/contract.js";
import { mad } from "./index.js";

describeContract("mad", { create: (seed) => mad({ seed }), isRandom: false });
