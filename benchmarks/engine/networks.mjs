import * as t from "@surprisal/engine/tensor";
import { constantValue, glorotUniform, parameter } from "@surprisal/engine/train";

/**
 * The two variational autoencoders that the engine is measured with. Weights have PyTorch's shapes
 * and names, so that `torch_vae.py` can start from the same values.
 */

const seed = 1;

function dense(name, inputs, outputs) {
  return {
    weight: parameter([outputs, inputs], glorotUniform(), { seed, name: `${name}.weight` }),
    bias: parameter([outputs], constantValue(0), { seed, name: `${name}.bias` }),
  };
}

function convolution(name, shape, outputs) {
  return {
    weight: parameter(shape, glorotUniform(), { seed, name: `${name}.weight` }),
    bias: parameter([outputs], constantValue(0), { seed, name: `${name}.bias` }),
  };
}

const linear = (x, { weight, bias }) => t.add(t.matmul(x, t.transpose(weight)), bias);
const perChannel = (bias) => t.reshape(bias, [1, -1, 1, 1]);

/** Negative evidence lower bound of a Bernoulli decoder, in nats per image. */
function loss(x, logits, mean, logVariance, rows) {
  const reconstruction = t.sum(t.sub(t.softplus(logits), t.mul(x, logits)));
  const terms = t.sub(t.sub(t.add(1, logVariance), t.square(mean)), t.exp(logVariance));
  return { loss: t.div(t.sub(reconstruction, t.mul(t.sum(terms), 0.5)), rows) };
}

const sample = (mean, logVariance, noise) => t.add(mean, t.mul(t.exp(t.mul(logVariance, 0.5)), noise));

/** 784-400-20, rectified. */
export const denseVae = {
  latent: 20,
  parameters: {
    hidden: dense("hidden", 784, 400),
    mean: dense("mean", 400, 20),
    logVariance: dense("logVariance", 400, 20),
    expand: dense("expand", 20, 400),
    output: dense("output", 400, 784),
  },
  loss({ parameters: p, batch, noise, rows }) {
    const h = t.relu(linear(batch.x, p.hidden));
    const [mean, logVariance] = [linear(h, p.mean), linear(h, p.logVariance)];
    const z = sample(mean, logVariance, noise.eps);
    const logits = linear(t.relu(linear(z, p.expand)), p.output);
    return loss(batch.x, logits, mean, logVariance, rows);
  },
};

/**
 * 69,110 + 68,225 parameters: strided convolutions to 32 and 64 channels, 16 units, 3 latents, and
 * back; the flattened images have their channels last.
 */
export const convolutionalVae = {
  latent: 3,
  parameters: {
    conv1: convolution("conv1", [32, 1, 3, 3], 32),
    conv2: convolution("conv2", [64, 32, 3, 3], 64),
    hidden: dense("hidden", 3136, 16),
    mean: dense("mean", 16, 3),
    logVariance: dense("logVariance", 16, 3),
    expand: dense("expand", 3, 3136),
    deconv1: convolution("deconv1", [64, 64, 3, 3], 64),
    deconv2: convolution("deconv2", [64, 32, 3, 3], 32),
    deconv3: convolution("deconv3", [32, 1, 3, 3], 1),
  },
  loss({ parameters: p, batch, noise, rows }) {
    const down = (x, { weight, bias }) =>
      t.relu(t.add(t.conv2d(x, weight, { strides: 2, padding: 1 }), perChannel(bias)));
    const up = (x, { weight, bias }, size, strides) =>
      t.add(
        t.conv2dTranspose(x, weight, { strides, padding: 1, outputSize: [size, size] }),
        perChannel(bias),
      );
    const image = t.reshape(batch.x, [rows, 1, 28, 28]);
    const features = t.transpose(down(down(image, p.conv1), p.conv2), [0, 2, 3, 1]);
    const h = t.relu(linear(t.reshape(features, [rows, 3136]), p.hidden));
    const [mean, logVariance] = [linear(h, p.mean), linear(h, p.logVariance)];
    const z = sample(mean, logVariance, noise.eps);
    const small = t.reshape(t.relu(linear(z, p.expand)), [rows, 7, 7, 64]);
    const middle = t.relu(up(t.transpose(small, [0, 3, 1, 2]), p.deconv1, 14, 2));
    const logits = up(t.relu(up(middle, p.deconv2, 28, 2)), p.deconv3, 28, 1);
    return loss(batch.x, t.reshape(logits, [rows, 784]), mean, logVariance, rows);
  },
};
