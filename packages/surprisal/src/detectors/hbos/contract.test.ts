import { describeContract } from "../../testing/contract.js";
import { hbos } from "./index.js";

describeContract("hbos", { create: (seed) => hbos({ seed }), isRandom: false });
