"""Two answers about adults of a census, from a table of numbers and names."""

import csv
import os
from pathlib import Path

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.downloading import downloading
from keras_mtkd.datasets.loading import register
from keras_mtkd.datasets.scale import check_scale
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

_COMMIT = "d20fcb6402ae34e653d4513b00f39257bb37ed7f"
_ADDRESS = f"https://raw.githubusercontent.com/jbrownlee/Datasets/{_COMMIT}/"
# Of the files, SHA-256.
_FILES = {
    "adult-train.csv": "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
    "adult-test.csv": "72567b94f5c1a6f8501377dd80f93892c3848ff071cf91ba47e00b0785a28074",
}
_WITHOUT_NETWORK = (
    "Pass a folder with `adult-train.csv` and `adult-test.csv`, which elsewhere are called "
    "`adult.data` and `adult.test`, as `path`, `--path` of the command, where there is no network."
)

# Places in a row. The weight of a sample in the census, the name of the education, of which there
# is a number, and what tells who is married are left out.
_NUMBERS = {"age": 0, "education": 4, "gain": 10, "loss": 11, "hours": 12}
_NAMES = {"work": 1, "occupation": 6, "race": 8, "sex": 9, "country": 13}
_MARRIED, _INCOME, _COLUMNS = 5, 14, 15
# Few are not 0, and these are large.
_LOGARITHMS = ("gain", "loss")
_VALIDATION_SHARE = 6


@mtkd_export("keras_mtkd.datasets.census")
@register(
    "census",
    "Adults of a census, a table: income and marriage.",
    lambda make, folder: make(folder),
    tasks=("income", "never_married"),
    needs="a download, once, or a folder with `adult-train.csv` and `adult-test.csv`",
)
def census(
    path: str | os.PathLike[str] | None = None,
    batch_size: int = 256,
    width: int = 16,
    seed: int = 0,
    scale: int = 1,
) -> Problem:
    """Adult: 48,842 people of the US census of 1994, and two yes/no answers about each.

    Numbers are standardised by the training rows (gains and losses as `log(1 + x)`), names are
    one-hot, those that only other rows have are zeros. The last sixth of the training rows is for
    validation; the test rows are those of the data set.

    Tasks: `income` (more than 50,000 dollars a year) and `never_married`, both scored by the area
    under the ROC curve. What gives the second away, the relationship, is no input.

    Args:
        path: Folder with `adult-train.csv` and `adult-test.csv`; by default they are downloaded
            once, by Keras into its own folder.
        batch_size: Rows a batch.
        width: Width of the shared feature.
        seed: Seed of the training order.
        scale: Factor of the units before the shared feature: 4 for a larger teacher.

    Returns:
        A `Problem` with inputs `(batch, columns)` and labels `(batch, 1)`.

    Raises:
        FileNotFoundError: If a file does not exist.
        OSError: If they cannot be downloaded.
        ValueError: If a row has another number of columns, or a size is not positive.

    Source: Becker and Kohavi, Adult, UCI Machine Learning Repository (1996), CC BY 4.0.
    """
    check_scale(scale)
    if batch_size < 1 or width < 1:
        raise ValueError(
            "`batch_size` and `width` must be positive. "
            f"Received: batch_size={batch_size}, width={width}."
        )
    train, test = (_rows(_file(name, path)) for name in _FILES)
    cut = len(train) - len(train) // _VALIDATION_SHARE
    columns = _Columns(train[:cut])
    parts = [
        ArrayDataset(columns(rows), _labels(rows), batch_size=batch_size)
        for rows in (train[:cut], train[cut:], test)
    ]
    parts[0].shuffle = True
    parts[0].reset(seed)
    return Problem("census", _tasks(), lambda: _backbone(columns.size, width, scale), *parts)


def _file(name: str, folder: str | os.PathLike[str] | None) -> Path:
    if folder is not None:
        found = Path(folder) / name
        if not found.exists():
            raise FileNotFoundError(f"'{found}' does not exist. {_WITHOUT_NETWORK}")
        return found
    with downloading("Adult", _WITHOUT_NETWORK):
        return Path(keras.utils.get_file(name, _ADDRESS + name, file_hash=_FILES[name]))


def _rows(path: Path) -> np.ndarray:
    """`(people, 15)` texts."""
    with path.open(encoding="utf-8", newline="") as file:
        read = [[word.strip() for word in row] for row in csv.reader(file)]
    # The test file of UCI has a first line of its own, both end in an empty one.
    rows = [row for row in read if row and not row[0].startswith("|")]
    wrong = [row for row in rows if len(row) != _COLUMNS]
    if wrong or not rows:
        came = f"a row of {len(wrong[0])}: {wrong[0][:3]}" if wrong else "no row"
        raise ValueError(f"'{path}' must have {_COLUMNS} columns. Received: {came}.")
    return np.array(rows)


class _Columns:
    """Rows as numbers, by what the training rows have.

    Attributes:
        size: How many columns there are.
    """

    def __init__(self, rows: np.ndarray) -> None:
        numbers = _numbers(rows)
        self._mean, self._scale = numbers.mean(axis=0), numbers.std(axis=0)
        self._known = {
            place: {name: number for number, name in enumerate(sorted(set(rows[:, place])))}
            for place in _NAMES.values()
        }
        self.size = len(_NUMBERS) + sum(map(len, self._known.values()))

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        numbers = (_numbers(rows) - self._mean) / np.maximum(self._scale, 1e-6)
        names = []
        for place, known in self._known.items():
            # The last row, of zeros, is that of names which training rows do not have.
            one_hot = np.eye(len(known) + 1, len(known))
            names.append(one_hot[[known.get(name, len(known)) for name in rows[:, place]]])
        return np.concatenate([numbers, *names], axis=1).astype("float32")


def _numbers(rows: np.ndarray) -> np.ndarray:
    values = {name: rows[:, place].astype("float64") for name, place in _NUMBERS.items()}
    return np.stack(
        [np.log1p(value) if name in _LOGARITHMS else value for name, value in values.items()],
        axis=1,
    )


def _labels(rows: np.ndarray) -> dict[str, np.ndarray]:
    # Test rows end in a full stop.
    income = np.char.startswith(rows[:, _INCOME], ">50K")
    single = rows[:, _MARRIED] == "Never-married"
    answers = {"income": income, "never_married": single}
    return {task: values.astype("float32")[:, None] for task, values in answers.items()}


def _tasks() -> list[Task]:
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    metrics = [
        keras.metrics.AUC(from_logits=True, name="auc"),
        keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy"),
    ]
    return [
        Task(name, lambda: keras.layers.Dense(1), loss, metrics)
        for name in ("income", "never_married")
    ]


def _backbone(columns: int, width: int, scale: int) -> keras.Model:
    """Two hidden layers."""
    inputs = keras.Input((columns,))
    x = keras.layers.Dense(64 * scale, activation="relu")(inputs)
    outputs = keras.layers.Dense(width, activation="relu", name="features")(x)
    return keras.Model(inputs, outputs, name="census_backbone")
