export { defineDetector } from "./define.js";
export { load } from "./fitted.js";
export { type CommonOptions, commonOptions } from "./options.js";
export * from "./types.js";
