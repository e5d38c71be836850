import keras
import numpy as np


def linear_problem():
    """Two linear regressions on one shared linear layer, where gradients are known by hand."""
    inputs = keras.Input((4,))
    shared = keras.layers.Dense(3, use_bias=False, name="features")(inputs)
    heads = {t: keras.layers.Dense(1, use_bias=False, name=t) for t in ("u", "v")}
    model = keras.Model(inputs, {t: head(shared) for t, head in heads.items()})
    generator = np.random.default_rng(0)
    x = generator.normal(size=(20, 4)).astype("float32")
    y = {t: generator.normal(size=(20, 1)).astype("float32") for t in ("u", "v")}
    losses = {t: keras.losses.MeanSquaredError() for t in ("u", "v")}
    weights = [np.array(model.get_layer(n).kernel) for n in ("features", "u", "v")]
    return model, losses, x, y, weights
