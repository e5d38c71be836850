"""A training that tests run in processes of their own: `python training.py OPTIONS`."""

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import keras  # noqa: E402
import numpy as np  # noqa: E402
from helpers import snapshot, toy_data, toy_losses, toy_teachers  # noqa: E402

import keras_mtkd as mtkd  # noqa: E402


class Kill(keras.callbacks.Callback):
    """Ends the process at a step, once: the file at `note` says that it happened."""

    def __init__(self, step, note):
        super().__init__()
        self.step, self.note, self.seen = step, Path(note), 0

    def on_train_batch_end(self, batch, logs=None):
        self.seen += 1
        if self.seen == self.step and not self.note.exists():
            self.note.write_text("killed")
            os.kill(os.getpid(), signal.SIGKILL)


def network(dropout, rotations):
    """The toy student with dropout, whose random numbers must go on too, or with rotations."""
    inputs = keras.Input((6,))
    x = keras.layers.Dense(8, activation="relu", name="hidden")(inputs)
    x = keras.layers.Dropout(dropout, seed=3)(x)
    x = keras.layers.Dense(8, name="features")(x)
    a, b = [mtkd.layers.Rotation()(x) for _ in "ab"] if rotations else (x, x)
    return keras.Model(inputs, {"a": keras.layers.Dense(3)(a), "b": keras.layers.Dense(1)(b)})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--strategy", action="store_true")
    parser.add_argument("--in-order", action="store_true")
    parser.add_argument("--backup")
    parser.add_argument("--cache")
    parser.add_argument("--scd", action="store_true")
    parser.add_argument("--balancing")
    parser.add_argument("--level", default="representation")
    parser.add_argument("--kill-at", type=int)
    parser.add_argument("--kill-worker", type=int, default=0)
    given = parser.parse_args()
    keras.utils.set_random_seed(0)
    scope = contextlib.nullcontext()
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        if given.strategy:
            scope = tf.distribute.MultiWorkerMirroredStrategy().scope()
    x, y = toy_data(samples=80)
    data = mtkd.datasets.ArrayDataset(x, y, batch_size=16, shuffle=not given.in_order)
    ways = [mtkd.FeatureDistillation("features")]
    with scope:
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
        data = mtkd.teachers.cache(teachers, data, given.cache, ways, verbose=0)
    callbacks = []
    if given.backup:
        callbacks.append(mtkd.callbacks.BackupAndRestore(given.backup))
    if given.scd:
        callbacks.append(mtkd.callbacks.SimilarityGrouping(layer="features", n_blocks=2))
        callbacks.append(mtkd.callbacks.SequentialDistillation(last_start=None))
    if given.kill_at and mtkd.distribution.worker_index() == given.kill_worker:
        callbacks.append(Kill(given.kill_at, given.output + ".killed"))
    history = distiller.fit(
        data, epochs=given.epochs, verbose=0, callbacks=callbacks, shuffle=not given.in_order
    ).history
    scores = distiller.evaluate(data, verbose=0, return_dict=True)
    name = f"{given.output}.{mtkd.distribution.worker_index()}.npz"
    np.savez(
        name,
        *snapshot(distiller.student),
        loss=history["loss"][-1],
        evaluated=scores["a_loss"],
        queue=str(distiller.queue),
    )


if __name__ == "__main__":
    main()
