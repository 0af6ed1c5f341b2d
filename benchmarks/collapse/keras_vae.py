"""The convolutional VAE of the contaminated-MNIST study in Keras, with the published loss: one line of JSON a seed."""

import gzip
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "engine"))
from keras_networks import convolutional

settings = json.loads(sys.argv[1])
with gzip.open(settings["images"]) as file:
    pixels = np.frombuffer(file.read(), np.uint8, offset=16)
images = pixels.reshape(-1, 28, 28, 1).astype("float32") / 255
batch_size = 128


def train(seed):
    keras.utils.set_random_seed(seed)
    encoder, decoder, _, _ = convolutional()
    variables = encoder.trainable_variables + decoder.trainable_variables
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(variables)

    @tf.function
    def step(batch):
        with tf.GradientTape() as tape:
            mean, log_variance = encoder(batch, training=True)
            noise = tf.random.normal(tf.shape(mean))
            rebuilt = tf.sigmoid(decoder(mean + tf.exp(0.5 * log_variance) * noise, training=True))
            pixel_means = tf.reduce_mean(keras.losses.binary_crossentropy(batch, rebuilt), axis=(1, 2))
            terms = -0.5 * (1 + log_variance - tf.square(mean) - tf.exp(log_variance))
            divergence = tf.reduce_mean(tf.reduce_sum(terms, axis=1))
            # The fault: a sum over the batch beside a mean over it.
            loss = tf.reduce_sum(pixel_means) + divergence
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return 784 * tf.reduce_mean(pixel_means), divergence

    batches = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images), seed=seed).batch(batch_size)
    epochs = []
    for _ in range(settings["epochs"]):
        losses = [[float(value) for value in step(batch)] for batch in batches]
        reconstruction, kl = np.mean(losses, axis=0)
        epochs.append({"reconstruction": float(reconstruction), "kl": float(kl)})
    return epochs


for seed in settings["seeds"]:
    print(json.dumps({"seed": seed, "epochs": train(seed)}), flush=True)
