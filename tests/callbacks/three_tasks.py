"""Three tasks to group and to put in order, and a `fit` of callbacks alone."""

import keras
from helpers import toy_data, toy_losses
from stopping import StopAfter

import keras_mtkd as mtkd

TASKS = ("a", "b", "c")
UNITS = {"a": 3, "b": 1, "c": 1}
LOSSES = {**toy_losses(), "c": keras.losses.MeanSquaredError()}


def model_of(tasks, width):
    inputs = keras.Input((6,))
    x = keras.layers.Dense(width, activation="relu", name="features")(inputs)
    return keras.Model(inputs, {task: keras.layers.Dense(UNITS[task])(x) for task in tasks})


def data(seed=0, samples=48):
    x, y = toy_data(seed, samples)
    y["b"] = x[:, :1]
    y["c"] = x[:, 1:2] * x[:, 2:3]
    return x, y


def distiller(cls=mtkd.MultiTaskDistiller, teachers=TASKS, rate=0.01, **kwargs):
    keras.utils.set_random_seed(1)
    student = model_of(TASKS, 8)
    made = {task: model_of((task,), 5) for task in teachers}
    model = cls(student, made, [mtkd.FeatureDistillation("features")], **kwargs)
    model.compile(keras.optimizers.SGD(rate), loss=LOSSES)
    return model


def fit(model, *callbacks, epochs=6, until=None, validation=False, batch_size=48, **kwargs):
    x, y = data()
    return model.fit(
        x,
        y,
        batch_size=batch_size,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[*callbacks, StopAfter(until)],
        validation_data=data(1) if validation else None,
        **kwargs,
    ).history


def walk(model, *callbacks, epochs=6, until=None):
    """The history of a `fit` in which nothing is trained: epochs of one batch, callbacks alone."""
    for callback in callbacks:
        callback.data = data(1) if callback.data is None else callback.data
    events = keras.callbacks.CallbackList(
        list(callbacks), add_history=True, model=model, epochs=epochs, steps=1, verbose=0
    )
    events.on_train_begin()
    for epoch in range(until or epochs):
        events.on_epoch_begin(epoch)
        events.on_train_batch_begin(0)
        events.on_train_batch_end(0)
        events.on_epoch_end(epoch)
    events.on_train_end()
    return model.history.history
