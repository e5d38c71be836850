"""Characters of Python's own source: what each belongs to, and how deep in brackets it stands."""

import io
import keyword
import sysconfig
import tokenize
from pathlib import Path

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.loading import register
from keras_mtkd.problem import Problem
from keras_mtkd.task import Task

# Blanks and all that is no token; what tokens of Python are besides.
KINDS = ("blank", "name", "keyword", "number", "string", "comment", "operator")
_BLANK, _NAME, _KEYWORD, _NUMBER, _STRING, _COMMENT, _OPERATOR = range(len(KINDS))
# The deepest that is told apart.
_DEEPEST = 3
# Numbers of characters: 0 is what has no other, 1 to 96 a line's end and ASCII from the blank on.
_CHARACTERS = 97
# Every so many modules in the order of their names is for validation, and for testing.
_EVERY = 5


@mtkd_export("keras_mtkd.datasets.source_code")
@register(
    "source-code",
    "Python's own text: kind of token, depth of brackets.",
    tasks=("kind", "depth"),
)
def source_code(
    steps: int = 128,
    train_size: int = 2000,
    validation_size: int = 500,
    test_size: int = 1000,
    batch_size: int = 64,
    width: int = 16,
    seed: int = 0,
) -> Problem:
    """Two tags for every character of pieces of Python's standard library.

    Pieces begin anywhere, so that what a character belongs to must be read off its neighbours: no
    piece says whether it begins within a string. Modules of training, validation and test pieces
    are different ones. The text is that of the Python at hand, so that releases differ a little.

    Tasks: `kind` (7 classes, `blank`, `name`, `keyword`, `number`, `string`, `comment`, `operator`)
    and `depth` (4 classes, the number of open brackets, 3 for 3 and more), both per character.

    Args:
        steps: Characters a piece.
        train_size: Pieces for training.
        validation_size: Pieces for validation.
        test_size: Pieces for testing.
        batch_size: Pieces a batch.
        width: Width of the shared feature of a character.
        seed: Seed of the pieces and the training order.

    Returns:
        A `Problem` with inputs `(batch, steps)`, numbers of characters from 0 to 96, and labels
        `(batch, steps)`.

    Raises:
        ValueError: If a size is not positive.
        FileNotFoundError: If this Python has no source files.

    Source: this package's; the tokens are those of Python's `tokenize`.
    """
    sizes = (steps, train_size, validation_size, test_size, batch_size, width)
    if min(sizes) < 1:
        raise ValueError(f"Sizes must be positive. Received: {sizes}.")
    modules = _modules()
    generator = np.random.default_rng(seed)
    # Of every five modules the fourth and the fifth are held out.
    places = np.arange(len(modules)) % _EVERY
    parts = []
    for chosen, size in zip(
        (places < _EVERY - 2, places == _EVERY - 2, places == _EVERY - 1),
        (train_size, validation_size, test_size),
        strict=True,
    ):
        files = [modules[place] for place in np.flatnonzero(chosen)]
        parts.append(ArrayDataset(*_pieces(files, size, steps, generator), batch_size=batch_size))
    parts[0].shuffle = True
    parts[0].reset(seed)
    return Problem("source-code", _tasks(), lambda: _backbone(steps, width), *parts)


def _modules() -> list[Path]:
    """Single-file modules of the standard library."""
    folder = Path(sysconfig.get_path("stdlib"))
    found = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
    if len(found) < 2 * _EVERY:
        raise FileNotFoundError(f"'{folder}' holds no source files of Python's library.")
    return found


def _pieces(
    files: list[Path], size: int, steps: int, generator: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Characters and tags of pieces from anywhere, modules by their lengths."""
    tagged = [tags(path.read_text("utf-8", errors="replace")) for path in files]
    whole = np.concatenate([each for each in tagged if each.shape[1] > steps], axis=1)
    begins = generator.integers(whole.shape[1] - steps, size=size)
    characters, kind, depth = whole[:, begins[:, None] + np.arange(steps)]
    return characters, {"kind": kind, "depth": depth}


def tags(text: str) -> np.ndarray:
    """Numbers of the characters, their kinds and depths.

    Args:
        text: Source of a module.

    Returns:
        `(3, characters)`, of what can be tokenised from the beginning.

    Examples:
        >>> tags("f(1)").tolist()[1:]
        [[1, 6, 3, 6], [0, 0, 1, 0]]
    """
    lines = text.splitlines(keepends=True)
    begins = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(int)
    kind = np.full(len(text), _BLANK, "int32")
    change = np.zeros(len(text) + 1, "int32")
    inside = 0  # of strings with values in braces, which some releases divide into tokens
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            begin, end = (begins[row - 1] + column for row, column in (token.start, token.end))
            name = tokenize.tok_name[token.type]
            inside += name.endswith("STRING_START")
            found = _STRING if inside else _kind(token)
            inside -= name.endswith("STRING_END")
            if found is None:
                continue
            kind[begin:end] = found
            # Brackets are as deep as what is around them.
            if found == _OPERATOR and token.string in "([{":
                change[end] += 1
            elif found == _OPERATOR and token.string in ")]}":
                change[begin] -= 1
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    depth = np.clip(np.cumsum(change[:-1]), 0, _DEEPEST)
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4").astype("int64")
    characters = np.where((codes >= 32) & (codes < 127), codes - 30, np.where(codes == 10, 1, 0))
    return np.stack([characters, kind, depth]).astype("int32")


def _kind(token: tokenize.TokenInfo) -> int | None:
    if token.type == tokenize.NAME:
        return _KEYWORD if keyword.iskeyword(token.string) else _NAME
    return {
        tokenize.NUMBER: _NUMBER,
        tokenize.STRING: _STRING,
        tokenize.COMMENT: _COMMENT,
        tokenize.OP: _OPERATOR,
    }.get(token.type)


def _tasks() -> list[Task]:
    dense = keras.layers.Dense
    classes = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    return [
        Task("kind", lambda: dense(len(KINDS)), classes, [accuracy]),
        Task("depth", lambda: dense(_DEEPEST + 1), classes, [accuracy]),
    ]


def _backbone(steps: int, width: int) -> keras.Model:
    """Dilated convolutions over characters, and one shared feature each."""
    layers = keras.layers
    inputs = keras.Input((steps,), dtype="int32")
    x = layers.Embedding(_CHARACTERS, width)(inputs)
    for dilation in (1, 2, 4, 8):
        x = layers.Conv1D(2 * width, 3, padding="same", dilation_rate=dilation, activation="relu")(
            x
        )
    outputs = layers.Dense(width, activation="relu", name="features")(x)
    return keras.Model(inputs, outputs, name="source_code_backbone")
