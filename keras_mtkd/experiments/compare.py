"""Methods × seeds on one problem, each pair trained once and kept."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from keras_mtkd._backend import progress
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._backend.renamed import renamed_arguments
from keras_mtkd.distillers.samples_left_out import told_once
from keras_mtkd.experiments import jobs
from keras_mtkd.experiments.comparison import Comparison
from keras_mtkd.experiments.cost import costs_of
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE, expand_methods, listed_methods
from keras_mtkd.experiments.on_executor import OnExecutor
from keras_mtkd.experiments.own_student import StudentLike
from keras_mtkd.experiments.own_teachers import TeachersLike
from keras_mtkd.experiments.preparation import Asked, Prepared, kept_in, prepare, trainer_of
from keras_mtkd.experiments.run import Scores
from keras_mtkd.experiments.seeds import listed_seeds
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.workers import Workers
from keras_mtkd.problem import Problem


@mtkd_export("keras_mtkd.experiments.compare")
@renamed_arguments("0.2", part="split")
def compare(
    problem: Problem | Callable[[], Problem],
    methods: Sequence[str | Method] = ("single", "uniform", "mtlkd"),
    seeds: Sequence[int] = (0, 1, 2),
    directory: str | os.PathLike[str] | None = None,
    settings: Settings | None = None,
    split: str = "test",
    verbose: int | str = "auto",
    teachers: TeachersLike | None = None,
    student: StudentLike | None = None,
    workers: int = 1,
    executor: Executor | None = None,
) -> Comparison:
    """Train every method with every seed under equal conditions.

    For one seed all methods see the same data in the same order, for the same number of epochs,
    learn from the same teachers and start from the same student weights. The weights of the best
    epoch count, by validation data: of single-task models too, or they would be easy to beat
    (`Settings.restore_best_weights`). Parameters and the time of a prediction are measured at the
    end, on new models, one of each architecture, that take turns.

    Models of one's own are compared alike: `teachers` that exist already, of any size and origin,
    and a `student` of any architecture. `"single"` are then the teachers that were given; a task
    without one gets a single-task model that is trained here, against which it is measured and
    which teaches it. The methods that have names distil the layers that the problem names,
    `Problem(taps=...)`, which student and teachers must have alike; where they are called
    otherwise, a method of one's own names them, see the example.

    Args:
        problem: The problem, or a function without arguments that makes it.
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
        verbose: 0 is silent, 1 or `"auto"` one live line in a terminal, with the time left, and a
            line a training elsewhere, 2 Keras' line an epoch besides.
        teachers: Teachers that exist, `{task: model}` for all seeds, or a function from the seed to
            that, called once for every seed before anything is trained. They are functional models
            that take the data's inputs and output what their task's head does, alone or in a dict;
            one model may teach several tasks. Results are kept with a hash of them.
        student: Makes a new student, from the problem or without arguments, for all methods that
            bring none of their own (RotoGrad does).
        workers: Processes that train side by side, each on its share of the cores. With several,
            `problem`, and functions given for the other arguments, must be ones that processes can
            import, and in a script the call must stand under `if __name__ == "__main__":`. On a
            GPU they would share its memory.
        executor: Trains instead of `workers`, on other machines perhaps: whatever has the interface
            of `concurrent.futures.Executor`, or whose `submit` returns jobs that have `result()`.
            Each of its processes, or threads, trains in a child of its own, with the backend and
            Keras' settings of this process. It is left running. What holds for functions with
            several `workers` holds here too, but functions of a script or notebook may go where
            cloudpickle is installed. `directory` must be one that all machines share.

    Returns:
        The results.

    Raises:
        TypeError: If one method or a number of seeds is given instead of several, or a function
            does not take what it is called with.
        ValueError: If a method is not known, two methods have one name, the data is malformed, or
            models do not fit the problem or a method.
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
    methods, seeds = listed_methods(methods), listed_seeds(seeds)
    chosen = expand_methods(methods)
    # Now, and not after hours of training, when the table is made.
    require("pandas", "cli")
    if split not in ("test", "validation"):
        raise ValueError(f"`split` must be 'test' or 'validation'. Received: split={split!r}.")
    if not seeds or not chosen:
        raise ValueError("A comparison needs at least one method and one seed.")
    if executor is not None and (workers != 1 or directory is None):
        raise ValueError(
            "`executor` takes the place of `workers`, and needs a `directory` in which its "
            f"processes find teachers. Received: workers={workers}, directory={directory}."
        )
    apart = workers if executor is None else 2
    with kept_in(directory, apart) as root, told_once():
        asked = Asked(
            problem,
            methods,
            seeds,
            settings or Settings(),
            split,
            root,
            verbose,
            teachers,
            student,
        )
        made = prepare(asked, apart)
        with progress.shown(len(seeds) * (1 + _trainings(made, asked.settings)), verbose):
            results = _train(made, asked, workers, executor)
        costs = costs_of(made.problem, list(made.methods.values()), made.own_teachers, root)
        conditions = made.trainings.conditions
    names = [SINGLE, *made.methods]
    runs = {(name, seed): results[name, seed][1] for seed in seeds for name in names}
    rows = [
        row for seed in seeds for name in names for row in _rows(name, seed, results[name, seed][0])
    ]
    return Comparison(
        made.problem.tasks,
        list(chosen),
        rows,
        runs,
        conditions,
        made.titles,
        costs,
        list(made.own_teachers),
        made.few_labels,
    )


def _trainings(made: Prepared, settings: Settings) -> int:
    """How many students a seed asks for."""
    chosen = sum(each.trainings(settings) for each in made.choosing.values())
    return len(made.methods) - len(made.choosing) + chosen


def _train(made: Prepared, asked: Asked, workers: int, executor: Executor | None) -> jobs.Results:
    """Everything, `{(method, seed): result}`."""
    names = [name for name in made.methods if name not in made.choosing]
    choosing = {
        name: partial(each.choosing, settings=asked.settings)
        for name, each in made.choosing.items()
    }
    if workers == 1 and executor is None:
        # Seed by seed, so that teachers of one are in memory.
        parts = [
            jobs.train_all(jobs.Here(made.trainer), names, [seed], choosing) for seed in asked.seeds
        ]
    else:
        start = partial(trainer_of, asked)
        pool = Workers(start, workers) if executor is None else OnExecutor(start, executor)
        parts = [jobs.train_all(pool, names, asked.seeds, choosing)]
    results: jobs.Results = {}
    for part, choices in parts:
        results |= part
        for (name, seed), choice in choices.items():
            results[name, seed] = made.trainings.chosen(name, seed, choice, part)
    return results


def _rows(method: str, seed: int, scores: Scores) -> list[dict[str, Any]]:
    return [
        {"method": method, "seed": seed, "task": task, "metric": metric, "value": value}
        for task, metrics in scores.items()
        for metric, value in metrics.items()
    ]
