import { describeContract } from "../../testing/contract.js";
import { abod } from "./index.js";

describeContract("abod", { create: (seed) => abod({ seed }), isRandom: false });
