export * from "./tensor/index.js";
export * from "./random/index.js";
