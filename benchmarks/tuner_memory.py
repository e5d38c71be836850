"""Memory of a search by Keras Tuner over twenty trials.

Every trial trains a student on pairs of digits for one epoch, in one process. Printed is the
resident memory after some of the trials, and its growth a trial over the second half, when caches
are warm. Budget: 10 MiB a trial.
"""

import argparse
import gc
import tempfile

import keras
import keras_tuner
import numpy as np
import psutil
from report import Row, text

import keras_mtkd as mtkd

BUDGET = 10.0


def resident():
    """MiB of this process, after what is garbage has been collected."""
    gc.collect()
    return psutil.Process().memory_info().rss / 2**20


def measure(trials=20):
    problem = mtkd.datasets.digits(train_size=512, validation_size=128, test_size=64)
    sizes = []

    class Measured(keras_tuner.RandomSearch):
        def on_trial_end(self, trial):
            super().on_trial_end(trial)
            sizes.append(resident())

    with tempfile.TemporaryDirectory() as directory:
        hypermodel = mtkd.tuning.DistillationHyperModel(problem, epochs=1)
        tuner = Measured(
            hypermodel,
            objective=hypermodel.objective(),
            max_trials=trials,
            directory=directory,
            seed=0,
        )
        tuner.search(verbose=0)
        failed = [t for t in tuner.oracle.trials.values() if t.status != "COMPLETED"]
    if failed or len(sizes) != trials:
        raise RuntimeError(f"{len(failed)} trials failed: {[t.message for t in failed][:1]}")
    backend = keras.backend.backend()
    shown = sorted({1, 2, 5, 10, 15, trials} & set(range(1, trials + 1)))
    rows = [
        Row("resident memory", f"{backend}, after {number} trials", sizes[number - 1], unit="MiB")
        for number in shown
    ]
    late = sizes[trials // 2 :]
    slope = float(np.polyfit(range(len(late)), late, 1)[0])
    case = f"{backend}, trials {trials // 2 + 1} to {trials}"
    return [*rows, Row("growth a trial", case, slope, BUDGET, "MiB")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    print(text(measure(parser.parse_args().trials)))


if __name__ == "__main__":
    main()
