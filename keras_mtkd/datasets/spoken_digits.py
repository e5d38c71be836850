"""Spoken digits as log-mel pictures: which digit, and who speaks."""

import hashlib
import os
import re
from pathlib import Path

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.downloading import downloading
from keras_mtkd.datasets.loading import register
from keras_mtkd.datasets.scale import check_scale
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

_COMMIT = "26eb9aaf76e81b692f806f9140c2d2777410d7a1"
_ADDRESS = f"https://github.com/Jakobovski/free-spoken-digit-dataset/archive/{_COMMIT}.zip"
# Of all recordings in the order of their names: archives of one commit may be packed otherwise.
_DIGEST = "45a9b976ba3397a2fd5c70a9f2e43c34f442a3a6be47392ecfc41174b678f37e"
_WITHOUT_NETWORK = (
    "Pass the folder of its recordings, `0_george_0.wav` and so on, as `path`, `--path` of the "
    "command, where there is no network."
)
_NAME = re.compile(r"(\d)_([a-z]+)_(\d+)\.wav")

_RATE = 8000  # samples a second
_LENGTH = 8192  # samples: of twenty recordings one is longer than two thirds of it
_SIDE = 32
_DECIBELS = 80.0
# Recordings of every digit and speaker: the first are the test recordings of the data set.
_TEST, _VALIDATION = range(5), range(5, 10)


@mtkd_export("keras_mtkd.datasets.spoken_digits")
@register(
    "spoken-digits",
    "A spoken digit and who speaks, as pictures of sound.",
    lambda make, folder: make(folder),
    tasks=("digit", "speaker"),
    needs="a download, once, or a folder with the recordings",
)
def spoken_digits(
    path: str | os.PathLike[str] | None = None,
    batch_size: int = 64,
    width: int = 32,
    seed: int = 0,
    scale: int = 1,
) -> Problem:
    """Free Spoken Digit Dataset: 3,000 recordings of six speakers as log-mel pictures.

    Recordings are cut or filled with silence to 8,192 samples at 8 kHz and turned into 32 mel
    bands × 32 frames of decibels below the loudest, from 0 (−80 dB and less) to 1. Of every digit
    and speaker the recordings 0 to 4 are for testing, as its authors have it (300), 5 to 9 for
    validation (300), and the others for training (2,400).

    Tasks: `digit` (10 classes) and `speaker` (6 classes), which share little.

    Args:
        path: Folder with the recordings, `{digit}_{speaker}_{number}.wav`, or one above it; by
            default they are downloaded once, by Keras into its own folder.
        batch_size: Recordings a batch.
        width: Width of the shared feature.
        seed: Seed of the training order.
        scale: Factor of the filters before the shared feature: 4 for a larger teacher.

    Returns:
        A `Problem` with inputs `(batch, 32, 32, 1)` in [0, 1].

    Raises:
        FileNotFoundError: If the folder holds no recordings.
        OSError: If they cannot be downloaded.
        ValueError: If a recording is damaged or of another rate, speakers of a split are missing,
            or what was downloaded is not what it was when this loader was written.
        ImportError: If SciPy is not installed.

    Source: Jackson et al., Free Spoken Digit Dataset (v1.0.10), CC BY-SA 4.0.
    """
    check_scale(scale)
    if batch_size < 1 or width < 1:
        raise ValueError(
            "`batch_size` and `width` must be positive. "
            f"Received: batch_size={batch_size}, width={width}."
        )
    folder = _downloaded() if path is None else Path(path)
    files = sorted(found for found in folder.rglob("*.wav") if _NAME.fullmatch(found.name))
    if not files:
        raise FileNotFoundError(
            f"'{folder}' holds no recordings. Expected are files as `0_george_0.wav`: digit, "
            "speaker, number."
        )
    if path is None:
        _check(files)
    told = [_NAME.fullmatch(found.name) for found in files]
    digits, names, numbers = zip(*(match.groups() for match in told if match), strict=True)
    speakers, labels = np.unique(names, return_inverse=True)
    x = _pictures(np.stack([_sound(found) for found in files]))
    y = {"digit": np.array(digits, "int32"), "speaker": labels.astype("int32")}
    number = np.array(numbers, int)
    held = np.isin(number, _VALIDATION), np.isin(number, _TEST)
    parts = [
        ArrayDataset(x[rows], {task: v[rows] for task, v in y.items()}, batch_size=batch_size)
        for rows in (~(held[0] | held[1]), *held)
    ]
    parts[0].shuffle = True
    parts[0].reset(seed)
    return Problem("spoken-digits", _tasks(len(speakers)), lambda: _backbone(width, scale), *parts)


def _downloaded() -> Path:
    with downloading("The Free Spoken Digit Dataset", _WITHOUT_NETWORK):
        found = keras.utils.get_file(
            f"free-spoken-digit-dataset-{_COMMIT[:7]}.zip", _ADDRESS, extract=True
        )
    return Path(found)


def _check(files: list[Path]) -> None:
    digest = hashlib.sha256()
    for found in files:
        digest.update(found.name.encode())
        digest.update(found.read_bytes())
    if digest.hexdigest() != _DIGEST:
        raise ValueError(
            f"The recordings in '{files[0].parent}' are not those that this loader knows: a file "
            "is missing or damaged. Delete the folder, so that they are downloaded once more."
        )


def _sound(found: Path) -> np.ndarray:
    """Samples `(8192,)` in [-1, 1], the recording first."""
    wavfile = require("scipy.io.wavfile", "datasets")
    try:
        rate, samples = wavfile.read(found)
    except (ValueError, EOFError) as error:
        raise ValueError(f"'{found}' is damaged: {error}. Copy it once more.") from error
    if rate != _RATE or samples.ndim != 1:
        raise ValueError(
            f"Recordings must have one channel at {_RATE} samples a second. Received: '{found}' of "
            f"shape {samples.shape} at {rate}."
        )
    kept = samples[:_LENGTH].astype("float32") / 2**15
    return np.pad(kept, (0, _LENGTH - len(kept)))


def _pictures(sounds: np.ndarray) -> np.ndarray:
    """`(n, 32, 32, 1)`, mel bands × frames, the lowest band first."""
    spectrogram = keras.layers.MelSpectrogram(
        fft_length=512,
        sequence_stride=_LENGTH // _SIDE,
        sampling_rate=_RATE,
        num_mel_bins=_SIDE,
        min_freq=20.0,
        max_freq=_RATE / 2,
        # It would cut decibels by the loudest recording of all that it is given.
        power_to_db=False,
    )
    power = np.concatenate(
        [keras.ops.convert_to_numpy(spectrogram(part)) for part in np.array_split(sounds, 8)]
    )[..., :_SIDE]
    decibels = 10 * np.log10(np.maximum(power, 1e-30))
    below = decibels - decibels.max(axis=(1, 2), keepdims=True)
    # Rounded, so that backends give the same.
    return np.round(np.clip(1 + below / _DECIBELS, 0, 1), 3).astype("float32")[..., None]


def _tasks(speakers: int) -> list[Task]:
    dense = keras.layers.Dense
    classes = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    return [
        Task("digit", lambda: dense(10), classes, [accuracy]),
        Task("speaker", lambda: dense(speakers), classes, [accuracy]),
    ]


def _backbone(width: int, scale: int) -> keras.Model:
    """Three small convolutions and one shared feature."""
    layers = keras.layers
    inputs = keras.Input((_SIDE, _SIDE, 1))
    x = inputs
    for filters in (8, 16, 32):
        x = layers.Conv2D(filters * scale, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    outputs = layers.Dense(width, activation="relu", name="features")(x)
    return keras.Model(inputs, outputs, name="spoken_digits_backbone")
