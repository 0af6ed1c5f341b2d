export { type Activation, activate, activations } from "./activation.js";
export { type Dense, dense, denseParameters, perceptron, perceptronParameters } from "./dense.js";
export * from "./vae.js";
