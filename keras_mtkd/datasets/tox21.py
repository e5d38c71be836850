"""Twelve assays of molecules, most of which were not tried in all of them."""

import csv
import gzip
import os
import zlib
from pathlib import Path

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.downloading import downloading
from keras_mtkd.datasets.loading import register
from keras_mtkd.datasets.partial import mask_missing
from keras_mtkd.datasets.roc_area import roc_area
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

_COMMIT = "fbe3b911a94a6eb8c84c1a9e7ac67a472c49ea80"
_FILE = "tox21.csv.gz"
_ADDRESS = f"https://raw.githubusercontent.com/deepchem/deepchem/{_COMMIT}/datasets/{_FILE}"
_SHA256 = "48b34e4e59a2bae6f95734cd206c1869ab355f50a5e50bb7371a21f861d5e297"
_WITHOUT_NETWORK = (
    f"Pass a folder with `{_FILE}` as `path`, `--path` of the command, where there is no network."
)

ASSAYS = (
    "NR-AR",
    "NR-AR-LBD",
    "NR-AhR",
    "NR-Aromatase",
    "NR-ER",
    "NR-ER-LBD",
    "NR-PPAR-gamma",
    "SR-ARE",
    "SR-ATAD5",
    "SR-HSE",
    "SR-MMP",
    "SR-p53",
)
_MOLECULE = "smiles"
_BITS, _RADIUS = 1024, 2
_TRAINING, _VALIDATION = 0.8, 0.9


@mtkd_export("keras_mtkd.datasets.tox21")
@register(
    "tox21",
    "Twelve assays of molecules, with missing labels.",
    lambda make, folder: make(folder),
    tasks=ASSAYS,
    needs="RDKit, and a download, once, or a folder with `tox21.csv.gz`",
)
def tox21(
    path: str | os.PathLike[str] | None = None,
    batch_size: int = 64,
    width: int = 32,
    seed: int = 0,
) -> Problem:
    """Tox21: 7,831 molecules, and whether each was active in twelve assays; a fifth is not known.

    Inputs are Morgan fingerprints of radius 2, folded to 1,024 bits. Molecules that RDKit cannot
    read, 8 in 2026, are left out, as DeepChem does. Some molecules were measured several times:
    they are one sample, whose label is missing where the measurements contradict each other.

    Molecules of one Bemis-Murcko scaffold are in one part, as DeepChem's `ScaffoldSplitter` has it:
    the largest groups are for training (80 %), the next ones for validation and the smallest, the
    least usual molecules, for testing (10 % each). The division does not depend on the seed. It is
    harder than a random one.

    Tasks: one an assay, under its name, as `NR-AR` or `SR-p53`, scored by the area under the ROC
    curve, with thresholds that tell very sure answers apart. Weights of 0 stand for labels that are
    missing.

    Args:
        path: Folder with `tox21.csv.gz`; by default it is downloaded once, by Keras into its own
            folder.
        batch_size: Molecules a batch.
        width: Width of the shared feature.
        seed: Seed of the training order.

    Returns:
        A `Problem` with inputs `(batch, 1024)`, 0 or 1, labels `(batch, 1)` and weights `(batch,)`.

    Raises:
        FileNotFoundError: If the file does not exist.
        OSError: If it cannot be downloaded.
        ValueError: If the file is damaged or lacks a column, an answer is neither 0 nor 1 nor
            empty, fewer than three scaffolds are in it, or a size is not positive.
        ImportError: If RDKit is not installed.

    Source: Tox21 Data Challenge (2014) of the US National Institutes of Health, public domain, in
    the file of DeepChem (MIT); Mayr et al., "DeepTox" (2016); the split: Wu et al., "MoleculeNet"
    (2018); fingerprints: Rogers and Hahn (2010).
    """
    if batch_size < 1 or width < 1:
        raise ValueError(
            "`batch_size` and `width` must be positive. "
            f"Received: batch_size={batch_size}, width={width}."
        )
    smiles, answers = _molecules(_file(path))
    x, scaffolds, read = _described(smiles)
    answers = answers[read]
    parts = [
        ArrayDataset(x[rows], *_labels(answers[rows]), batch_size=batch_size)
        for rows in by_scaffold(scaffolds)
    ]
    parts[0].shuffle = True
    parts[0].reset(seed)
    return Problem("tox21", _tasks(), lambda: _backbone(width), *parts)


def _file(folder: str | os.PathLike[str] | None) -> Path:
    # Told before anything is downloaded.
    require("rdkit", "molecules")
    if folder is not None:
        found = Path(folder) / _FILE
        if not found.exists():
            raise FileNotFoundError(f"'{found}' does not exist. {_WITHOUT_NETWORK}")
        return found
    with downloading("Tox21", _WITHOUT_NETWORK):
        return Path(keras.utils.get_file(_FILE, _ADDRESS, file_hash=_SHA256))


def _molecules(path: Path) -> tuple[list[str], np.ndarray]:
    """Every molecule once, as SMILES, and answers `(molecules, 12)`, NaN where there is none."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"'{path}' is damaged: {error}. Copy it once more.") from error
    columns = rows[0].keys() if rows else ()
    missing = [name for name in (*ASSAYS, _MOLECULE) if name not in columns]
    if missing:
        raise ValueError(
            f"'{path}' has no column '{missing[0]}'. It needs {_MOLECULE}, {', '.join(ASSAYS)}."
        )
    measured: dict[str, list[list[float]]] = {}
    for row in rows:
        measured.setdefault(row[_MOLECULE], []).append([_answer(row[name]) for name in ASSAYS])
    return list(measured), np.stack([_agreed(np.array(each)) for each in measured.values()])


def _answer(text: str) -> float:
    known = {"": np.nan, "0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0}
    if text not in known:
        raise ValueError(f"Answers of assays must be 0, 1 or empty. Received: {text!r}.")
    return known[text]


def _agreed(measured: np.ndarray) -> np.ndarray:
    """What all measurements `(times, 12)` of a molecule say that say something, or NaN."""
    yes, no = (measured == 1).any(axis=0), (measured == 0).any(axis=0)
    return np.where(yes ^ no, yes.astype(float), np.nan)


def _described(smiles: list[str]) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Fingerprints and scaffolds of the molecules that can be read, and which these are."""
    chem, log = require("rdkit.Chem", "molecules"), require("rdkit.rdBase", "molecules")
    generators = require("rdkit.Chem.rdFingerprintGenerator", "molecules")
    murcko = require("rdkit.Chem.Scaffolds.MurckoScaffold", "molecules")
    # It writes a line for every molecule that it cannot read, or finds unusual.
    with log.BlockLogs():
        molecules = [chem.MolFromSmiles(text) for text in smiles]
        read = np.array(
            [bool(text) and each is not None for text, each in zip(smiles, molecules, strict=True)]
        )
        known = [molecules[row] for row in np.flatnonzero(read)]
        scaffolds = [murcko.MurckoScaffoldSmiles(mol=each) for each in known]
    generator = generators.GetMorganGenerator(radius=_RADIUS, fpSize=_BITS)
    bits = [generator.GetFingerprintAsNumPy(each) for each in known]
    return np.array(bits, "float32").reshape(-1, _BITS), scaffolds, read


def by_scaffold(scaffolds: list[str]) -> list[np.ndarray]:
    """Rows for training, validation and testing, those of one scaffold together.

    Groups are taken from the largest to the smallest, of equal ones that with the later first
    molecule before; each goes to the first part that it still fits into.

    Args:
        scaffolds: Scaffold of every molecule.

    Returns:
        The rows of the three parts, in the order in which groups were taken.

    Raises:
        ValueError: If a part has no molecule.
    """
    groups: dict[str, list[int]] = {}
    for row, scaffold in enumerate(scaffolds):
        groups.setdefault(scaffold, []).append(row)
    parts: list[list[int]] = [[], [], []]
    training, both = _TRAINING * len(scaffolds), _VALIDATION * len(scaffolds)
    for rows in sorted(groups.values(), key=lambda rows: (len(rows), rows[0]), reverse=True):
        if len(parts[0]) + len(rows) <= training:
            parts[0] += rows
        elif len(parts[0]) + len(parts[1]) + len(rows) <= both:
            parts[1] += rows
        else:
            parts[2] += rows
    if not all(parts):
        raise ValueError(
            "Molecules must have enough different scaffolds to be divided into training, "
            f"validation and test molecules. Received: {len(groups)} scaffolds of "
            f"{len(scaffolds)} molecules, which makes {[len(rows) for rows in parts]}."
        )
    return [np.array(rows) for rows in parts]


def _labels(answers: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    return mask_missing(
        {name: answers[:, [place]].astype("float32") for place, name in enumerate(ASSAYS)}
    )


def _tasks() -> list[Task]:
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    return [Task(name, lambda: keras.layers.Dense(1), loss, [roc_area()]) for name in ASSAYS]


def _backbone(width: int) -> keras.Model:
    """Two hidden layers."""
    inputs = keras.Input((_BITS,))
    x = keras.layers.Dense(128, activation="relu")(inputs)
    outputs = keras.layers.Dense(width, activation="relu", name="features")(x)
    return keras.Model(inputs, outputs, name="tox21_backbone")
