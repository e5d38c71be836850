"""Methods × seeds on one problem, each pair trained once and kept."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._backend.renamed import renamed_arguments
from keras_mtkd.experiments.comparison import Comparison
from keras_mtkd.experiments.cost import costs_of
from keras_mtkd.experiments.fitting_models import check_methods
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE, expand_methods
from keras_mtkd.experiments.own_student import OwnStudent, StudentLike
from keras_mtkd.experiments.own_teachers import OwnTeachers, TeachersLike
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.trainings import Scores, Trainings
from keras_mtkd.problem import Problem


@mtkd_export("keras_mtkd.experiments.compare")
@renamed_arguments("0.2", part="split")
def compare(
    problem: Problem,
    methods: Sequence[str | Method] = ("single", "uniform", "mtlkd"),
    seeds: Sequence[int] = (0, 1, 2),
    directory: str | os.PathLike[str] | None = None,
    settings: Settings | None = None,
    split: str = "test",
    verbose: int | str = 0,
    teachers: TeachersLike | None = None,
    student: StudentLike | None = None,
) -> Comparison:
    """Train every method with every seed under equal conditions.

    For one seed all methods see the same data in the same order, for the same number of epochs,
    learn from the same teachers and start from the same student weights. The models of the last
    epoch count. Parameters and the time of a prediction are measured at the end, on new models that
    take turns.

    Models of one's own are compared alike: `teachers` that exist already, of any size and origin,
    and a `student` of any architecture. `"single"` are then the teachers that were given; a task
    without one gets a single-task model that is trained here, against which it is measured and
    which teaches it. The methods that have names distil the layers that the problem names,
    `Problem(taps=...)`, which student and teachers must have alike; where they are called
    otherwise, a method of one's own names them, see the example.

    Args:
        problem: The problem.
        methods: Names of methods or of groups of methods (`experiments.METHOD_GROUPS`), and
            methods of one's own, each an `experiments.Method`; `"single"` stands for the teachers
            themselves.
        seeds: Seeds of weights and data order.
        directory: Where to keep teachers, students and results. What is there already is loaded,
            so that a comparison that was interrupted goes on where it stopped. Methods of one's
            own count with the code and values of their functions.
        settings: Epochs, rates and weights.
        split: `"test"` or `"validation"`, the data that the methods are measured on. Without test
            data validation data is used. Tune on validation data.
        verbose: For each training, as in `train_teachers`; 0 only tells which one runs.
        teachers: Teachers that exist, `{task: model}` for all seeds, or a function from the seed to
            that, called once for every seed before anything is trained. They are functional models
            that take the data's inputs and output what their task's head does, alone or in a dict;
            one model may teach several tasks. Results are kept with a hash of them.
        student: Makes a new student, from the problem or without arguments, for all methods that
            bring none of their own (RotoGrad does).

    Returns:
        The results.

    Raises:
        ValueError: If a method is not known, two methods have one name, the data is malformed,
            `directory` holds results made under other conditions, or teachers or student do not
            fit the problem or a method, which is told before anything is trained.
        TypeError: If a method is neither a name nor a `Method`, `methods` is one text, `teachers`
            are no models, or `student` is a model instead of a function.
        ImportError: If pandas is not installed.

    Examples:
        >>> import keras
        >>> from keras_mtkd import FeatureDistillation, LogitDistillation
        >>> def small(problem):
        ...     inputs = keras.Input((8, 13, 1))
        ...     shared = keras.layers.Dense(8, "relu", name="mine")(keras.layers.Flatten()(inputs))
        ...     heads = problem.heads().items()
        ...     return keras.Model(inputs, {task: head(shared) for task, head in heads})
        >>> def ways(problem, settings):
        ...     features = FeatureDistillation("mine", {"left": "wide"}, ["left"])
        ...     return [features, LogitDistillation(weight=settings.logit_weight)]
        >>> mine = Method("Features of the left digit", ways)

        With a model `teacher` whose last hidden layer is called "wide":
        `compare(problem, ["single", "uniform", mine], teachers={"left": teacher}, student=small)`.
    """
    chosen = expand_methods(methods)
    # Now, and not after hours of training, when the table is made.
    require("pandas", "cli")
    if split not in ("test", "validation"):
        raise ValueError(f"`split` must be 'test' or 'validation'. Received: split={split!r}.")
    if not seeds or not chosen:
        raise ValueError("A comparison needs at least one method and one seed.")
    problem.validate()
    settings = settings or Settings()
    given = [method for method in chosen.values() if method is not None]
    own_student = None if student is None else OwnStudent(problem, student)
    own = None
    if teachers is not None:
        model = problem.student() if own_student is None else own_student.model
        found = OwnTeachers(problem, teachers, seeds, model)
        # None for any task is as good as not given.
        own = found if found.tasks else None
    trained = [_with_student(method, own_student) for method in given]
    if own is not None or own_student is not None:
        _check(problem, trained, settings, own)
    root = None if directory is None else Path(directory)
    trainings = Trainings(problem, given, settings, split, root, verbose, own, own_student)
    rows, runs = [], {}
    for number, seed in enumerate(seeds, start=1):
        _say(f"Seed {number} of {len(seeds)}: single-task teachers")
        singles = trainings.teachers(seed)
        scores, runs[SINGLE, seed] = trainings.single(seed, singles)
        rows += _rows(SINGLE, seed, scores)
        for place, method in enumerate(trained, start=1):
            which = f"method {place} of {len(trained)}: {method.title}"
            _say(f"Seed {number} of {len(seeds)}, {which}")
            scores, runs[method.name, seed] = trainings.result(method, seed, singles)
            rows += _rows(method.name, seed, scores)
    titles = {method.name: method.title for method in trained}
    if own is not None:
        titles[SINGLE] = "Teachers"
    costs = costs_of(problem, trained, own.of(seeds[0]) if own else {}, root)
    conditions = trainings.conditions
    made = Comparison(problem.tasks, list(chosen), rows, runs, conditions, titles, costs)
    for task, caution in made.cautions().items():
        Console().print(f"Caution, {task}: {caution}", style="yellow", markup=False)
    return made


def _with_student(method: Method, own: OwnStudent | None) -> Method:
    """The method with the comparison's student, unless it brings one."""
    if own is None or method.student is not Problem.student:
        return method
    return replace(method, student=own.make)


def _check(
    problem: Problem, methods: Sequence[Method], settings: Settings, own: OwnTeachers | None
) -> None:
    singles = {task: problem.single(task) for task in problem.tasks}
    for teachers in [{}] if own is None else own.kinds():
        check_methods(methods, problem, {**singles, **teachers}, settings)


def _say(text: str) -> None:
    Console().print(text, style="bold cyan", markup=False)


def _rows(method: str, seed: int, scores: Scores) -> list[dict[str, Any]]:
    return [
        {"method": method, "seed": seed, "task": task, "metric": metric, "value": value}
        for task, metrics in scores.items()
        for metric, value in metrics.items()
    ]
