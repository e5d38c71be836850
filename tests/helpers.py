"""Small models and data that many tests use."""

import keras
import numpy as np

BACKEND = keras.backend.backend()
SAMPLES = 48


def gradient(function, values):
    """Gradient of a scalar function of one array, by the active backend."""
    values = np.asarray(values, "float32")
    if BACKEND == "tensorflow":
        import tensorflow as tf

        tensor = tf.convert_to_tensor(values)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            result = function(tensor)
        return tape.gradient(result, tensor).numpy()
    import jax

    return np.asarray(jax.grad(function)(values))


def numeric_gradient(function, values, step=1e-4):
    """Central differences of a NumPy function in float64."""
    values = np.asarray(values, "float64")
    slopes = np.zeros_like(values)
    for place in np.ndindex(*values.shape):
        shift = np.zeros_like(values)
        shift[place] = step
        slopes[place] = (function(values + shift) - function(values - shift)) / (2 * step)
    return slopes


def toy_model(tasks=("a", "b"), width=8, batch_norm=False, name=None):
    """A functional model with a class head "a" and a regression head "b"."""
    inputs = keras.Input((6,))
    x = keras.layers.Dense(width, activation="relu", name="hidden")(inputs)
    if batch_norm:
        x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.Dense(width, name="features")(x)
    units = {"a": 3, "b": 1}
    return keras.Model(inputs, {t: keras.layers.Dense(units[t])(x) for t in tasks}, name=name)


def toy_teachers(width=5):
    return {task: toy_model((task,), width) for task in ("a", "b")}


def toy_losses():
    return {
        "a": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "b": keras.losses.MeanSquaredError(),
    }


def toy_data(seed=0, samples=SAMPLES):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(samples, 6)).astype("float32")
    y = {
        "a": generator.integers(3, size=samples),
        "b": generator.normal(size=(samples, 1)).astype("float32"),
    }
    return x, y


def snapshot(model):
    return [np.array(variable) for variable in model.variables]


def equal_weights(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def note_execution(note):
    """Call a Python function whenever the compiled step reaches this place, not when traced."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        tf.py_function(note, [], [])
    else:
        import jax

        jax.debug.callback(note)
