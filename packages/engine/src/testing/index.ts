export { evaluate, type Feeds, numbersOf, runModel } from "./evaluate.js";
export { filled, host } from "./host.js";
export type { Numbers, Tolerance } from "./matchers.js";

import "./matchers.js";
