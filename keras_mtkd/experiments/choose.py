"""The best student of a problem, without knowing the methods."""

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.experiments._registry import METHODS
from keras_mtkd.experiments.auto_method import CANDIDATES, automatic
from keras_mtkd.experiments.choosing import Choice
from keras_mtkd.experiments.compare import compare
from keras_mtkd.experiments.comparison import Comparison
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.own_student import StudentLike
from keras_mtkd.experiments.own_teachers import TeachersLike
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.problem import Problem


@mtkd_export("keras_mtkd.experiments.Chosen")
@dataclass(frozen=True)
class Chosen:
    """What `choose` found.

    Args:
        method: Name of the method.
        title: Its title.
        student: The student, with the weights of its best epoch.
        change: Δ_MTL of the student on validation data, in percent. It is the best of several, and
            so a little too good; test data tells.
        choice: What came out, round by round.
        comparison: Single-task models and the student, on validation data.
    """

    method: str
    title: str
    student: keras.Model = field(repr=False)
    change: float | None
    choice: Choice = field(repr=False)
    comparison: Comparison = field(repr=False)


@mtkd_export("keras_mtkd.experiments.choose")
def choose(
    problem: Problem | Callable[[], Problem],
    teachers: TeachersLike | None = None,
    student: StudentLike | None = None,
    candidates: Sequence[str | Method] = CANDIDATES,
    budget: int | None = None,
    settings: Settings | None = None,
    seed: int = 0,
    directory: str | os.PathLike[str] | None = None,
    verbose: int | str = "auto",
    workers: int = 1,
    executor: Executor | None = None,
) -> Chosen:
    """Train the student that suits a problem, within a number of epochs.

    Plain training, without teachers, is done in full. The other candidates have short trials, all
    from the same weights and with the same teachers; the best of them on validation data is trained
    in full too, and the better of both is taken. So it is never worse than plain training on
    validation data, and it takes three times as long as one training, teachers aside.

    Args:
        problem: The problem, or a function without arguments that makes it. Test data is not used.
        teachers: Teachers that exist, as in `compare`; by default they are trained.
        student: Makes a new student, as in `compare`.
        candidates: Names of methods, and methods, in the order in which they matter: with few
            epochs the first ones are tried, and of equal ones the first is taken.
            `experiments.sweep` makes methods of the values of a setting.
        budget: Epochs of all students together; by default three whole trainings. Without
            `settings` a whole training has a third of it.
        settings: Epochs of a whole training, rates and weights.
        seed: Seed of weights and data order.
        directory: Where to keep teachers, students and results, so that a choice that was
            interrupted goes on where it stopped.
        verbose: As in `compare`.
        workers: As in `compare`.
        executor: As in `compare`.

    Returns:
        The student, and why.

    Raises:
        TypeError: As `compare` does.
        ValueError: If the budget is too small, and as `compare` does.

    Examples:
        `choose(keras_mtkd.datasets.digits(), budget=90).student.save("student.keras")`
    """
    if settings is None:
        settings = Settings() if budget is None else Settings(epochs=max(budget // 3, 1))
    known = tuple(candidates) == CANDIDATES and budget is None
    auto = METHODS["auto"] if known else automatic(candidates, budget)
    with tempfile.TemporaryDirectory(prefix="keras_mtkd_") as folder:
        root = Path(folder if directory is None else directory)
        comparison = compare(
            problem,
            [SINGLE, auto],
            [seed],
            root,
            settings,
            "validation",
            verbose,
            teachers,
            student,
            workers,
            executor,
        )
        kept = root / f"seed{seed}" / auto.name / "student.keras"
        trained = keras.models.load_model(kept, compile=False)
    run = comparison.runs[auto.name, seed]
    choice = Choice.from_dict(run.choice or {})
    return Chosen(
        choice.method, choice.titles[choice.method], trained, run.change, choice, comparison
    )
