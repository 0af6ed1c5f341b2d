export * from "./simplify.js";
