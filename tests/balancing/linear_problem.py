"""A linear student whose gradients NumPy can write down."""

import keras
import numpy as np

import keras_mtkd as mtkd

TASKS = {"a": 2, "b": 3, "c": 1}
SAMPLES, INPUTS, SHARED = 12, 5, 4


class LossesAsWeights(mtkd.balancing.GramMethod):
    """Multiplies every gradient by its objective's value, and remembers the sum of the values."""

    def initial_state(self, tasks):
        return {"sum": keras.ops.zeros((), "float32")}

    def _advance(self, gram, losses, state):
        return losses, {"sum": state["sum"] + keras.ops.sum(losses)}


def student(tasks=TASKS, width=SHARED, **dense):
    inputs = keras.Input((INPUTS,))
    shared = keras.layers.Dense(width, use_bias=False, name="shared", **dense)(inputs)
    heads = {
        task: keras.layers.Dense(units, use_bias=False, name=f"head_{task}")(shared)
        for task, units in tasks.items()
    }
    return keras.Model(inputs, heads)


def data(seed=0):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(SAMPLES, INPUTS)).astype("float32")
    # Tasks of very unequal scale.
    scale = {"a": 1.0, "b": 10.0, "c": 0.1}
    y = {
        task: (scale[task] * generator.normal(size=(SAMPLES, units))).astype("float32")
        for task, units in TASKS.items()
    }
    return x, y


def numbers(model):
    return {v.path.split("/")[-2]: np.array(v, "float64") for v in model.trainable_variables}


def gradients(weights, x, y, task_weights=None):
    """Of every task's weighted mean squared error: value, and gradients of z, trunk and head."""
    x, found = np.asarray(x, "float64"), {}
    z = x @ weights["shared"]
    for task, target in y.items():
        head, factor = weights[f"head_{task}"], (task_weights or {}).get(task, 1.0)
        error = z @ head - target
        out = factor * 2 * error / error.size
        found[task] = {
            "value": factor * np.mean(error**2),
            "z": out @ head.T,
            "shared": x.T @ (out @ head.T),
            "head": z.T @ out,
        }
    return found


def gram(found, of):
    rows = np.stack([one[of].ravel() for one in found.values()])
    return rows @ rows.T


def restart(model, weights):
    """The student's weights as `numbers` gave them."""
    for variable in model.student.trainable_variables:
        variable.assign(weights[variable.path.split("/")[-2]])


def step(balancing, rate=0.1, task_weights=None, steps=1, x=None, y=None, **compiled):
    """A distiller after some steps of gradient descent, with its weights before and after."""
    keras.utils.set_random_seed(1)
    x, y = data() if x is None else (x, y)
    model = mtkd.MultiTaskDistiller(student(), {}, balancing=balancing, task_weights=task_weights)
    model.compile(keras.optimizers.SGD(rate), loss="mse", **compiled)
    before = numbers(model.student)
    history = model.fit(x, y, batch_size=SAMPLES, epochs=steps, shuffle=False, verbose=0)
    return model, before, numbers(model.student), history.history
