import { describeContract } from "../../testing/contract.js";
import { kde } from "./index.js";

describeContract("kde", { create: (seed) => kde({ seed }), isRandom: false });
