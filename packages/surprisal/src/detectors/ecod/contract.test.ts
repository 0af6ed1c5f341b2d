import { describeContract } from "../../testing/contract.js";
import { ecod } from "./index.js";

describeContract("ecod", { create: (seed) => ecod({ seed }), isRandom: false });
