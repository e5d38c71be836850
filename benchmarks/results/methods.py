"""Methods against plain training, on one data set."""

from functools import partial
from pathlib import Path

from benchmarks.results.data_sets import DATA_SETS, DataSet
from benchmarks.results.records import Record, described, noted
from keras_mtkd import Problem
from keras_mtkd.experiments import compare

EXPERIMENT = "methods"
METHODS = (
    "single",
    "uniform",
    "mtlkd",
    "scd",
    "logits",
    "scd-no-distillation",
    "multibalance",
    "auto",
)
SEEDS = 5


def problem_of(name: str, data: Path | None) -> Problem:
    """The problem of a data set, in whichever process."""
    return DATA_SETS[name].problem(data)


def run(data_set: DataSet, data: Path | None, directory: Path, workers: int) -> Record:
    """Train what is not there yet.

    Args:
        data_set: The data set.
        data: Folder with the folders of data, or `None`.
        directory: Where students and teachers are kept.
        workers: Processes that train side by side.

    Returns:
        What the file holds.
    """
    make = partial(problem_of, data_set.name, data)
    compared = compare(
        make,
        METHODS,
        range(SEEDS),
        directory / data_set.name / EXPERIMENT,
        data_set.settings,
        workers=workers,
    )
    told = described(data_set.name, data_set.title, EXPERIMENT, make())
    return {**told, **noted([compared])}


def seconds(data_set: DataSet) -> float:
    """What all its trainings take, one after the other."""
    epochs, took = data_set.settings.epochs, data_set.seconds
    students = sum(took.of_method(name, epochs) for name in METHODS if name != "single")
    return SEEDS * (took.of_teachers(epochs) + students)
