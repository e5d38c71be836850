"""README and docs, as the tests read them."""

import importlib
import inspect
import re
import shlex
import shutil
from pathlib import Path

import keras_mtkd as mtkd
from keras_mtkd._storage.fingerprint import digest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = sorted(DOCS.rglob("*.md"))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`((?:keras-mtkd|make|pip|python|tensorboard) [^`]+)`")


def train_teachers_once(monkeypatch, kept):
    """Many pages train the same teachers: that is one training, and copies where a page wants them.

    Args:
        monkeypatch: Pytest's.
        kept: A folder that outlives the page.
    """
    train = mtkd.train_teachers
    users = [
        importlib.import_module(f"keras_mtkd.{name}")
        for name in ("experiments.trainings", "tuning.shared_teachers")
    ]

    def train_or_copy(problem, *arguments, **options):
        given = inspect.signature(train).bind(problem, *arguments, **options).arguments
        wanted = given.pop("directory", None)
        conditions = {name: given[name] for name in given if name not in ("problem", "verbose")}
        folder = kept / digest([problem.fingerprint(), conditions])
        teachers = train(**given, directory=folder)
        if wanted is not None:
            shutil.copytree(folder, wanted, dirs_exist_ok=True)
        return teachers

    for user in (mtkd, *users):
        monkeypatch.setattr(user, "train_teachers", train_or_copy)


def ask_fewer_questions(monkeypatch):
    """A third of what `digits` asks is a third of the time; the pages name no other tasks."""
    digits = mtkd.datasets.digits

    def fewer(*arguments, **options):
        whole = digits(*arguments, **options)
        tasks = [whole.tasks[name] for name in ("left", "right")]
        data = (whole.train, whole.validation, whole.test)
        return mtkd.Problem(whole.name, tasks, whole.backbone, *data, whole.taps)

    monkeypatch.setattr(mtkd.datasets, "digits", fewer)


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
