"""README and docs, as the tests read them."""

import contextlib
import re
import shlex
import warnings
from pathlib import Path

import keras

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = sorted(DOCS.rglob("*.md"))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`((?:keras-mtkd|make|pip|python|tensorboard) [^`]+)`")


@contextlib.contextmanager
def steps_not_traced():
    """On TensorFlow tracing a step takes longer than the few steps of a page.

    JAX compiles every page, and the README is traced on TensorFlow too.
    """
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        with warnings.catch_warnings():
            # That pipelines of data are traced all the same.
            warnings.filterwarnings("ignore", ".*does not apply to tf.data functions")
            yield
    finally:
        tf.config.run_functions_eagerly(False)


def name_of(page):
    return str(page.relative_to(ROOT).with_suffix(""))


def fences(page):
    """`(language, text)` of every fenced block."""
    return _FENCE.findall(page.read_text("utf-8"))


def blocks(page, language):
    return [text for found, text in fences(page) if found == language]


def commands(page):
    """The words of every shell command, in blocks and in the text."""
    found = [words for block in blocks(page, "bash") for words in _block_commands(block)]
    text = _FENCE.sub("", page.read_text("utf-8"))
    return found + [shlex.split(line) for line in _INLINE.findall(text)]


def _block_commands(block):
    """One after the other; what is exported comes first in those that follow."""
    exported = []
    for line in block.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["export"]:
            exported += words[1:]
        elif words:
            yield [*exported, *(word for word in words if word != "&")]
