import { describeContract } from "../../testing/contract.js";
import { copod } from "./index.js";

describeContract("copod", { create: (seed) => copod({ seed }), isRandom: false });
