"""The networks of networks.mjs in Keras: encoder, decoder to logits, size of the code, shape of a row."""

import keras
from keras import layers


def dense():
    x = keras.Input((784,))
    h = layers.Dense(400, activation="relu")(x)
    encoder = keras.Model(x, [layers.Dense(20)(h), layers.Dense(20)(h)])
    z = keras.Input((20,))
    decoder = keras.Model(z, layers.Dense(784)(layers.Dense(400, activation="relu")(z)))
    return encoder, decoder, 20, (784,)


def convolutional():
    x = keras.Input((28, 28, 1))
    h = layers.Conv2D(32, 3, 2, padding="same", activation="relu")(x)
    h = layers.Conv2D(64, 3, 2, padding="same", activation="relu")(h)
    h = layers.Dense(16, activation="relu")(layers.Flatten()(h))
    encoder = keras.Model(x, [layers.Dense(3)(h), layers.Dense(3)(h)])
    z = keras.Input((3,))
    d = layers.Reshape((7, 7, 64))(layers.Dense(3136, activation="relu")(z))
    d = layers.Conv2DTranspose(64, 3, 2, padding="same", activation="relu")(d)
    d = layers.Conv2DTranspose(32, 3, 2, padding="same", activation="relu")(d)
    decoder = keras.Model(z, layers.Conv2DTranspose(1, 3, padding="same")(d))
    return encoder, decoder, 3, (28, 28, 1)
