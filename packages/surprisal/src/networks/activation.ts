import { elu, leakyRelu, relu, type Tensor, tanh } from "@surprisal/engine";

export const activations = ["relu", "leakyRelu", "elu", "tanh"] as const;

export type Activation = (typeof activations)[number];

const functions: Readonly<Record<Activation, (x: Tensor<"float32">) => Tensor<"float32">>> = {
  relu,
  leakyRelu: (x) => leakyRelu(x, 0.2),
  elu,
  tanh,
};

/** The activation by its name. */
export function activate(name: Activation, x: Tensor<"float32">): Tensor<"float32"> {
  return functions[name](x);
}
