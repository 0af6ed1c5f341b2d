"""The networks of networks.mjs in Keras on TensorFlow, as one compiled function a step."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import tensorflow as tf
from contestant import answer_all, batch_size, read_images, settings, timed
from keras_networks import convolutional, dense

tf.config.threading.set_intra_op_parallelism_threads(settings["threads"])
tf.config.threading.set_inter_op_parallelism_threads(settings["threads"])
images = read_images()


def stepper(name, variant):
    encoder, decoder, latent, shape = {"dense": dense, "convolutional": convolutional}[name]()
    variables = encoder.trainable_variables + decoder.trainable_variables
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(variables)

    @tf.function(jit_compile=variant == "XLA")
    def step(x, noise):
        with tf.GradientTape() as tape:
            mean, log_variance = encoder(x, training=True)
            logits = decoder(mean + tf.exp(0.5 * log_variance) * noise, training=True)
            reconstruction = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
            divergence = -0.5 * tf.reduce_sum(1 + log_variance - mean * mean - tf.exp(log_variance))
            loss = (tf.reduce_sum(reconstruction) + divergence) / batch_size
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    data = (
        tf.data.Dataset.from_tensor_slices(images.reshape(-1, *shape))
        .shuffle(len(images))
        .repeat()
        .batch(batch_size, drop_remainder=True)
        .prefetch(1)
    )
    batches = iter(data)
    return lambda: float(step(next(batches), tf.random.normal((batch_size, latent))))


opened = {}


def answer(request):
    key = (request["network"], request["variant"])
    if key not in opened:
        opened[key] = stepper(*key)
    return {"times": timed(opened[key], request["steps"])}


answer_all(answer)
