export { type AdamOptions, adam } from "./adam.js";
export { type AdamaxOptions, adamax } from "./adamax.js";
export { type AdamWOptions, adamw } from "./adamw.js";
export type { Optimizer, Update, UpdateContext } from "./optimizer.js";
export { type RmspropOptions, rmsprop } from "./rmsprop.js";
export { type SgdOptions, sgd } from "./sgd.js";
