export * from "./grad.js";
export { unbroadcast } from "./unbroadcast.js";
