"""The data sets, their sizes and settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import keras_mtkd as mtkd
from benchmarks.results.estimate import Seconds
from keras_mtkd import Problem
from keras_mtkd.experiments import Settings, recipe

# Of the student's filters and units: the teachers of the experiment on compression.
LARGER = 4


@dataclass(frozen=True)
class DataSet:
    """A data set of the table.

    Attributes:
        name: What files and folders are called.
        title: What it is called in tables.
        make: Makes the problem, from the files' folder if it reads any.
        settings: What all trainings share.
        folder: Where its files are, in the folder of all data; empty if it reads none.
        arguments: Sizes that are not the defaults.
        larger: What makes the teachers of the experiment on compression larger; empty if the data
            set has no part in that.
        seconds: What a training takes, measured.
    """

    name: str
    title: str
    make: Callable[..., Problem]
    settings: Settings
    seconds: Seconds
    folder: str = ""
    arguments: Mapping[str, int] = field(default_factory=dict)
    larger: Mapping[str, int] = field(default_factory=dict)

    def problem(self, data: Path | None, larger: bool = False) -> Problem:
        """The problem.

        Args:
            data: Folder with the folders of data, or `None`. What is not there is downloaded.
            larger: Whether its backbone is that of the larger teachers.

        Raises:
            OSError: If files are missing and cannot be downloaded.
            ImportError: If a package is missing.
        """
        arguments = {**self.arguments, **(self.larger if larger else {})}
        if not self.folder or data is None or not (data / self.folder).is_dir():
            return self.make(**arguments)
        return self.make(data / self.folder, **arguments)


def _clothing(path: Path | None = None, **arguments: int) -> Problem:
    digits, articles = (
        None if path is None else path / f"{name}.npz" for name in ("mnist", "fashion_mnist")
    )
    make = partial(mtkd.datasets.digit_and_clothing, digits, articles)
    return make(**arguments)


def _quick(name: str, epochs: int) -> Settings:
    """The settings of a problem, for fewer epochs, and without metrics that nobody reads."""
    return replace(recipe(name), epochs=epochs, train_metrics=False)


_IMAGES = {"train_size": 4000, "validation_size": 1000, "test_size": 2000}
DATA_SETS = {
    each.name: each
    for each in (
        DataSet(
            "digits",
            "digits",
            mtkd.datasets.digits,
            _quick("digits", 30),
            Seconds(18.3, 0.2, 6, 0.4),
            larger={"width": 16 * LARGER, "scale": LARGER},
        ),
        DataSet(
            "digits-64",
            "digits, 64 units",
            mtkd.datasets.digits,
            _quick("digits", 30),
            Seconds(18.3, 0.2, 6),
            arguments={"width": 64},
        ),
        DataSet(
            "digit-and-clothing",
            "digit and clothing",
            _clothing,
            _quick("digit-and-clothing", 16),
            Seconds(10.7, 1.4, 4),
            "mnist",
            _IMAGES,
        ),
        DataSet(
            "multi-mnist",
            "MultiMNIST",
            mtkd.datasets.multi_mnist,
            _quick("multi-mnist", 16),
            Seconds(10.7, 1.4, 2),
            "mnist",
            _IMAGES,
        ),
        DataSet(
            "spoken-digits",
            "spoken digits",
            mtkd.datasets.spoken_digits,
            _quick("spoken-digits", 20),
            Seconds(17.1, 0.9, 2, 5.5),
            "spoken-digits",
            larger={"width": 32 * LARGER, "scale": LARGER},
        ),
        DataSet(
            "source-code",
            "source code",
            mtkd.datasets.source_code,
            _quick("source-code", 20),
            Seconds(17.7, 0.6, 2, 4.5),
            # All its layers go by it.
            larger={"width": 16 * LARGER},
        ),
        DataSet(
            "census",
            "census",
            mtkd.datasets.census,
            _quick("census", 20),
            Seconds(12.4, 0.2, 2, 0.2),
            "census",
            larger={"width": 16 * LARGER, "scale": LARGER},
        ),
        DataSet(
            "energy",
            "energy",
            mtkd.datasets.energy,
            _quick("energy", 60),
            Seconds(26.5, 0.1, 2),
            "energy",
        ),
        DataSet(
            "tox21",
            "Tox21",
            mtkd.datasets.tox21,
            _quick("tox21", 20),
            Seconds(26.5, 0.5, 12),
            "tox21",
        ),
        DataSet(
            "rooms",
            "rooms",
            mtkd.datasets.rooms,
            _quick("rooms", 16),
            Seconds(30.9, 5.4, 3),
            arguments={"train_size": 400},
        ),
    )
}
