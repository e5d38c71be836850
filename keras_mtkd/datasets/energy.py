"""How much a building has to be heated and cooled, from its shape and windows."""

import csv
import os
from pathlib import Path

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.downloading import downloading
from keras_mtkd.datasets.loading import register
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

_COMMIT = "c81780ec84318a604179f6c51aedca3ac6e0534e"
_FILE = "ENB2012_data.csv"
_ADDRESS = f"https://raw.githubusercontent.com/pharmbio/SCPRegression/{_COMMIT}/data/{_FILE}"
_SHA256 = "6d6a39ff73c55463cf31f2aaae890501a7d803349b547e219227c8fb7a6d9899"
_WITHOUT_NETWORK = (
    f"Pass a folder with `{_FILE}`, the table of UCI's Energy efficiency saved as CSV, as `path`, "
    "`--path` of the command, where there is no network."
)

# Columns: compactness, areas of surface, walls and roof, height, orientation, glazing and how it is
# distributed; then the loads.
_INPUTS, _TASKS = 8, ("heating", "cooling")
_ORIENTATION = 5
_TRAINING, _VALIDATION = 0.6, 0.8


@mtkd_export("keras_mtkd.datasets.energy")
@register(
    "energy",
    "Buildings, a table: the heating and cooling they need.",
    lambda make, folder: make(folder),
    tasks=_TASKS,
    needs="a download, once, or a folder with `ENB2012_data.csv`",
)
def energy(
    path: str | os.PathLike[str] | None = None,
    batch_size: int = 32,
    width: int = 16,
    seed: int = 0,
) -> Problem:
    """Energy efficiency: 768 simulated buildings, and the heating and cooling that they need.

    The buildings are 12 shapes, each with 16 sorts of windows and turned in 4 directions, which
    hardly matter. Buildings that differ in their direction alone are in one part, else a test
    building would have its like in training. Shapes are in all parts: scores tell of other windows
    in known shapes, not of new shapes, of which 12 are too few to hold some out. 60 % of the
    buildings are for training, 20 % each for validation and testing, drawn by the seed.

    Tasks: `heating` and `cooling`, regression on the loads, scored by R². Inputs and labels are
    standardised by the training buildings, so that a loss of 1 is that of their mean for both; R²
    is that of the loads in kWh/m², and an error of 1 is about 10 kWh/m².

    Args:
        path: Folder with `ENB2012_data.csv`, ten columns with or without a line of names; by
            default it is downloaded once, by Keras into its own folder.
        batch_size: Buildings a batch.
        width: Width of the shared feature.
        seed: Seed of the division and the training order.

    Returns:
        A `Problem` with inputs `(batch, 8)` and labels `(batch, 1)`.

    Raises:
        FileNotFoundError: If the file does not exist.
        OSError: If it cannot be downloaded.
        ValueError: If a row has no ten numbers, there are too few buildings, or a size is not
            positive.

    Source: Tsanas and Xifara, "Accurate quantitative estimation of energy performance of
    residential buildings using statistical machine learning tools" (2012); UCI Machine Learning
    Repository, CC BY 4.0.
    """
    if batch_size < 1 or width < 1:
        raise ValueError(
            "`batch_size` and `width` must be positive. "
            f"Received: batch_size={batch_size}, width={width}."
        )
    file = _file(path)
    table = _table(file)
    rows = _divided(table, np.random.default_rng(seed))
    if not all(map(len, rows)):
        raise ValueError(f"'{file}' holds too few buildings. Received: {len(table)}.")
    mean, scale = table[rows[0]].mean(axis=0), table[rows[0]].std(axis=0)
    values = ((table - mean) / np.maximum(scale, 1e-6)).astype("float32")
    parts = [
        ArrayDataset(values[part, :_INPUTS], _labels(values[part]), batch_size=batch_size)
        for part in rows
    ]
    parts[0].shuffle = True
    parts[0].reset(seed)
    return Problem("energy", _tasks(), lambda: _backbone(width), *parts)


def _file(folder: str | os.PathLike[str] | None) -> Path:
    if folder is not None:
        found = Path(folder) / _FILE
        if not found.exists():
            raise FileNotFoundError(f"'{found}' does not exist. {_WITHOUT_NETWORK}")
        return found
    with downloading("Energy efficiency", _WITHOUT_NETWORK):
        return Path(keras.utils.get_file(_FILE, _ADDRESS, file_hash=_SHA256))


def _table(path: Path) -> np.ndarray:
    """`(buildings, 10)`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        # Spreadsheets save empty rows and columns too.
        read = [[word for word in row if word.strip()] for row in csv.reader(file)]
    rows = [row for row in read if row]
    if rows and not _numbers(rows[0]):
        rows = rows[1:]
    columns = _INPUTS + len(_TASKS)
    wrong = [row for row in rows if len(row) != columns or not _numbers(row)]
    if wrong or not rows:
        came = f"a row {wrong[0][:3]} of {len(wrong[0])}" if wrong else "no row"
        raise ValueError(
            f"'{path}' must have {columns} columns of numbers, with commas between them and points "
            f"in them. Received: {came}."
        )
    return np.array(rows, "float64")


def _numbers(row: list[str]) -> bool:
    try:
        return bool(np.isfinite([float(word) for word in row]).all())
    except ValueError:
        return False


def _divided(table: np.ndarray, generator: np.random.Generator) -> list[np.ndarray]:
    """Rows for training, validation and testing, those of all orientations together."""
    without = np.delete(table[:, :_INPUTS], _ORIENTATION, axis=1)
    kinds, kind = np.unique(without, axis=0, return_inverse=True)
    order = generator.permutation(len(kinds))
    cuts = [int(share * len(kinds)) for share in (_TRAINING, _VALIDATION)]
    return [np.flatnonzero(np.isin(kind.ravel(), part)) for part in np.split(order, cuts)]


def _labels(values: np.ndarray) -> dict[str, np.ndarray]:
    return {task: values[:, [_INPUTS + place]] for place, task in enumerate(_TASKS)}


def _tasks() -> list[Task]:
    fit = [keras.metrics.R2Score(name="r2"), keras.metrics.MeanAbsoluteError(name="mae")]
    squared = keras.losses.MeanSquaredError()
    return [Task(name, lambda: keras.layers.Dense(1), squared, fit) for name in _TASKS]


def _backbone(width: int) -> keras.Model:
    """Two hidden layers."""
    inputs = keras.Input((_INPUTS,))
    x = keras.layers.Dense(64, activation="relu")(inputs)
    outputs = keras.layers.Dense(width, activation="relu", name="features")(x)
    return keras.Model(inputs, outputs, name="energy_backbone")
