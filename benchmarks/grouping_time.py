"""What grouping costs: similarity, blocks and queue on 512 probe images over one training run.

The run is the demo's: 30 epochs of MTLKD on digits. Budget: 2 %.
"""

import argparse
import time

import keras
from report import Row, text

import keras_mtkd as mtkd
from keras_mtkd.experiments import Settings
from keras_mtkd.experiments.methods import METHODS

BUDGET = 0.02


class Timed(keras.callbacks.Callback):
    """Notes how long the first epoch's beginning takes, when blocks and queue are made."""

    def __init__(self, *callbacks):
        super().__init__()
        self.callbacks, self.seconds = callbacks, 0.0

    def on_epoch_begin(self, epoch, logs=None):
        start = time.perf_counter()
        for callback in self.callbacks:
            callback.set_model(self.model)
            callback.set_params(self.params)
            callback.on_epoch_begin(epoch, logs)
        self.seconds += time.perf_counter() - start


def measure(epochs=30):
    settings = Settings(epochs=epochs)
    problem = mtkd.datasets.digits()
    teachers = mtkd.train_teachers(problem, epochs=1, verbose=0)

    start = time.perf_counter()
    METHODS["mtlkd"].train(problem, teachers, settings, seed=0, verbose=0)
    run = time.perf_counter() - start

    distiller = mtkd.MultiTaskDistiller(
        problem.student(), teachers, [mtkd.FeatureDistillation("features")]
    )
    distiller.compile("adam", loss=problem.losses(), metrics=problem.metrics())
    timed = Timed(
        mtkd.callbacks.SimilarityGrouping(samples=512),
        mtkd.callbacks.SequentialDistillation(complexity="teacher", samples=512),
    )
    distiller.fit(
        problem.train,
        validation_data=problem.validation,
        steps_per_epoch=1,
        epochs=1,
        verbose=0,
        callbacks=[timed],
    )
    case = f"digits, {epochs} epochs"
    return [
        Row("one training run", case, run, unit="s"),
        Row("similarity, blocks and queue", "512 probe images", timed.seconds, unit="s"),
        Row("similarity, blocks and queue / one run", case, timed.seconds / run, BUDGET),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=30)
    print(text(measure(parser.parse_args().epochs)))


if __name__ == "__main__":
    main()
