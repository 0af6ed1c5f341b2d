import { describeContract } from "../../testing/contract.js";
import { mahalanobis } from "./index.js";

describeContract("mahalanobis", { create: (seed) => mahalanobis({ seed }), isRandom: false });
