"""What the trials of a search were made from, kept in the folder of each.

Keras Tuner keeps the values that it draws and what came of them, not on which data, by which
teachers, over how many epochs. As one more hyperparameter it could not be kept: the space that a
search finds in its directory holds the values of before, a space that the user closed takes no new
ones, and values that are not of the space hide from the oracle that others were tried already.
"""

import contextlib
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from keras_mtkd._storage import files
from keras_mtkd._storage.code import told
from keras_mtkd._storage.conditions import differences, note_versions
from keras_mtkd._storage.fingerprint import with_values
from keras_mtkd.problem import Problem

_FILE = "made_from.json"


def content_of(
    problem: Problem,
    teachers: Mapping[str, keras.Model] | None,
    dimensions: Mapping[str, Any],
    **settings: Any,
) -> dict[str, Any]:
    """What decides the scores of trials and is not drawn, as far as it can be known.

    Args:
        problem: The problem. Data without a fingerprint of its own is read twice.
        teachers: `{task: model}`; `None` if they are trained anew in every process, which need
            not give the same to the last bit.
        dimensions: As in `tuning.search_space`. Only what they fix counts: a space may grow.
        **settings: Further values.

    Returns:
        What JSON can hold; the same in another process.
    """
    content: dict[str, Any] = {
        **_of_problem(problem),
        "scores": [[t.name, t.score, t.higher_is_better] for t in problem.tasks.values()],
        "fixed": {n: told(each) for n, each in dimensions.items() if not callable(each)},
        **settings,
    }
    if teachers is not None:
        # Not every variable is on this machine.
        with contextlib.suppress(Exception):
            # Weights alone: not every layer of a user's can be told otherwise.
            content["teachers"] = {n: with_values(None, t.weights) for n, t in teachers.items()}
    return dict(json.loads(json.dumps(content)))


def keep(folder: Path, made_from: Mapping[str, Any]) -> None:
    """Note in the folder of a trial what it is made from; elsewhere than on a disk not."""
    if folder.is_dir():
        files.write_json(folder / _FILE, note_versions(made_from))


def other_than(folder: Path, made_from: Mapping[str, Any]) -> list[str]:
    """How what was noted in the folder of a trial differs; not at all where nothing was.

    Args:
        folder: The folder.
        made_from: What is known now. What is known of only one of them does not count.
    """
    kept = files.read_json(folder / _FILE) or {}
    return [
        f"{name}: kept {was!r}, now {is_!r}"
        for name, was, is_ in differences(kept, made_from)
        if was is not None and is_ is not None
    ]


def _of_problem(problem: Problem) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            # Of content that cannot be told, which is left out here.
            warnings.simplefilter("ignore")
            content = problem.fingerprint()
            if not all(hasattr(d, "fingerprint") for d in (problem.train, problem.validation)):
                # Batches that are dropped at the end of shuffled data, augmentation by chance.
                again = problem.fingerprint()["data"]
                content["data"] = content["data"] if content["data"] == again else None
    except Exception:  # A layer that cannot be told is no reason not to search.
        return {"problem": problem.name}
    return content
