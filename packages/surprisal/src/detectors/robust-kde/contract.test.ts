import { describeContract } from "../../testing/contract.js";
import { robustKde } from "./index.js";

describeContract("robust-kde", { create: (seed) => robustKde({ seed }), isRandom: false });
