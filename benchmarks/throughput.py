"""How much sooner a comparison ends that trains in several processes of one machine.

    KERAS_BACKEND=jax python benchmarks/throughput.py

One comparison on digits, from nothing each time: in one process, with `workers=2`, and with a pool
of two processes as `executor`, each of which has half of the cores.
"""

import argparse
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor

from report import Row, text

import keras_mtkd as mtkd

METHODS = ("single", "uniform", "mtlkd", "scd")
PROCESSES = 2
# Of the time of one process: two that had nothing to share would take half.
BUDGET = 1 / 1.6


def half_of_the_cores(numbers):
    """Give a process of a pool its share, before anything is computed."""
    if hasattr(os, "sched_getaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[numbers.get() :: PROCESSES] or cores)


def timed(seeds, epochs, **how):
    settings = mtkd.experiments.Settings(epochs=epochs)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        mtkd.experiments.compare(
            mtkd.datasets.digits, METHODS, range(seeds), folder, settings, verbose=0, **how
        )
        return time.perf_counter() - start


def pooled(seeds, epochs):
    context = multiprocessing.get_context("spawn")
    numbers = context.Queue()
    for number in range(PROCESSES):
        numbers.put(number)
    with ProcessPoolExecutor(PROCESSES, context, half_of_the_cores, (numbers,)) as executor:
        return timed(seeds, epochs, executor=executor)


def measure(seeds, epochs):
    one = timed(seeds, epochs)
    what = f"{len(METHODS)} methods × {seeds} seeds"
    return [
        Row(what, "one process", one, float("inf"), "s"),
        Row(
            what, f"workers={PROCESSES}", timed(seeds, epochs, workers=PROCESSES), BUDGET * one, "s"
        ),
        Row(what, f"executor of {PROCESSES} processes", pooled(seeds, epochs), BUDGET * one, "s"),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=10)
    given = parser.parse_args()
    print(text(measure(given.seeds, given.epochs)))
