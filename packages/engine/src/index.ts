export * from "./autodiff/index.js";
export * from "./emit/index.js";
export * from "./onnx/index.js";
export * from "./random/index.js";
export * from "./runtime/index.js";
export * from "./simplify/index.js";
export * from "./tensor/index.js";
export * from "./train/index.js";
