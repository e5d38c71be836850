"""Teachers that are trained once for all trials and all processes of a search."""

import os
import time
from pathlib import Path

import keras

from keras_mtkd.problem import Problem
from keras_mtkd.teachers.train import teacher_folders, train_teachers

_POLL = 1.0
_PATIENCE = 3600.0


def shared_teachers(
    problem: Problem,
    epochs: int,
    directory: str | os.PathLike[str] | None,
    patience: float = _PATIENCE,
) -> dict[str, keras.Model]:
    """Train the teachers, or load them; in a parallel search the chief trains.

    Args:
        problem: The problem.
        epochs: Epochs of every teacher.
        directory: Where they are kept; must be shared by all processes of a parallel search.
        patience: Seconds that a worker waits for the chief's teachers.

    Returns:
        `{task: model}`.

    Raises:
        ValueError: If the search is parallel and there is no directory.
        TimeoutError: If the chief does not train them in time.
    """
    if is_worker():
        if directory is None:
            raise ValueError(
                "In a parallel search the chief trains the teachers for all workers. Pass "
                "`directory`, a folder that all of them share, or `teachers`."
            )
        folders = teacher_folders(directory, problem.tasks).values()
        _wait([folder / "teacher.json" for folder in folders], patience)
    return train_teachers(problem, epochs, directory=directory, verbose=0)


def is_worker() -> bool:
    """Whether Keras Tuner's environment variables make this process a worker, not the chief."""
    parallel = "KERASTUNER_ORACLE_IP" in os.environ
    return parallel and "chief" not in os.environ.get("KERASTUNER_TUNER_ID", "")


def _wait(paths: list[Path], patience: float) -> None:
    end = time.monotonic() + patience
    while missing := [path for path in paths if not path.exists()]:
        if time.monotonic() > end:
            raise TimeoutError(
                f"Waited {patience:.0f} s for the chief to train the teachers: there is no "
                f"'{missing[0]}'. Does the chief run, and does it share this folder?"
            )
        time.sleep(min(_POLL, patience))
