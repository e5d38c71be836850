"""Trainings of several workers, or that are killed.

Tests call `train` in their own process, or run this file, with the arguments of `main`, in others.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import keras
import numpy as np
from helpers import snapshot, toy_data, toy_losses, toy_teachers
from stopping import StopAfter

import keras_mtkd as mtkd

BATCH, SAMPLES = 16, 32  # two steps an epoch


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


class Stopped(Exception):
    pass


def stop():
    """What a kill is to a training that the test's own process runs."""
    raise Stopped


class Kill(keras.callbacks.Callback):
    """Ends the training at a step, once: the file at `note` says that it happened."""

    def __init__(self, step, note, end):
        super().__init__()
        self.step, self.note, self.end, self.seen = step, Path(note), end, 0

    def on_train_batch_end(self, batch, logs=None):
        self.seen += 1
        if self.seen == self.step and not self.note.exists():
            self.note.write_text("killed")
            self.end()


def network(dropout, rotations):
    """The toy student with dropout, whose random numbers must go on too, or with rotations."""
    inputs = keras.Input((6,))
    x = keras.layers.Dense(8, activation="relu", name="hidden")(inputs)
    x = keras.layers.Dropout(dropout, seed=3)(x)
    x = keras.layers.Dense(8, name="features")(x)
    a, b = [mtkd.layers.Rotation()(x) for _ in "ab"] if rotations else (x, x)
    return keras.Model(inputs, {"a": keras.layers.Dense(3)(a), "b": keras.layers.Dense(1)(b)})


def parsed(options):
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--until", type=int)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--arrays", action="store_true")
    parser.add_argument("--evaluate", action="store_true")
    parser.add_argument("--backup")
    parser.add_argument("--cache")
    parser.add_argument("--scd", action="store_true")
    parser.add_argument("--balancing")
    parser.add_argument("--level", default="representation")
    parser.add_argument("--kill-at", type=int)
    parser.add_argument("--kill-worker", type=int, default=0)
    return parser.parse_args([str(option) for option in options])


def train(output, options=(), strategy=None, end=kill):
    """Train, and write the student and what it scores."""
    given = parsed(options)
    keras.utils.set_random_seed(0)
    x, y = toy_data(samples=SAMPLES)
    dataset = mtkd.datasets.ArrayDataset(x, y, batch_size=BATCH, shuffle=True)
    data = {"x": x, "y": y, "batch_size": BATCH} if given.arrays else {"x": dataset}
    ways = [mtkd.FeatureDistillation("features")]
    with strategy.scope() if strategy else contextlib.nullcontext():
        teachers = toy_teachers()
        balancing = None
        if given.balancing:
            balancing = mtkd.balancing.Balancing(given.balancing, "tasks", given.level)
        student = network(dropout=given.dropout, rotations=given.balancing == "rotograd")
        distiller = mtkd.MultiTaskDistiller(student, teachers, ways, balancing=balancing)
        distiller.compile(
            keras.optimizers.Adam(0.01),
            loss=toy_losses(),
            metrics={"a": ["accuracy"]},
            adaptor_optimizer=keras.optimizers.Adam(0.1),
        )
    if given.cache:
        data["x"] = mtkd.teachers.cache(teachers, dataset, given.cache, ways, verbose=0)
    callbacks = []
    if given.backup:
        callbacks.append(mtkd.callbacks.BackupAndRestore(given.backup))
    if given.scd:
        callbacks.append(mtkd.callbacks.SimilarityGrouping(layer="features", n_blocks=2))
        # Looks at some of the data, which are others after every epoch.
        callbacks.append(mtkd.callbacks.SequentialDistillation(last_start=None, samples=BATCH))
    if given.until:
        callbacks.append(StopAfter(given.until))
    if given.kill_at and mtkd.distribution.worker_index() == given.kill_worker:
        callbacks.append(Kill(given.kill_at, f"{output}.killed", end))
    history = distiller.fit(**data, epochs=given.epochs, verbose=0, callbacks=callbacks).history
    numbers = {"loss": history["loss"][-1]}
    if given.evaluate:
        scores = distiller.evaluate(dataset, verbose=0, return_dict=True)
        numbers["evaluated"] = scores["a_loss"]
    name = f"{output}.{mtkd.distribution.worker_index()}.npz"
    np.savez(name, *snapshot(distiller.student), queue=str(distiller.queue), **numbers)


def main(place, trainings):
    """Arguments: `alone` or `together`, and `{output: options}` as JSON."""
    strategy = None
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        if place == "together":
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
        else:
            tf.config.run_functions_eagerly(True)
    for output, options in json.loads(trainings).items():
        train(output, options, strategy)


if __name__ == "__main__":
    main(*sys.argv[1:])
