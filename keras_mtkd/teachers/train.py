"""One teacher a task."""

import os
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras

from keras_mtkd._backend import progress
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import valid_names
from keras_mtkd._graph.modes import forget_defaults
from keras_mtkd._storage import files
from keras_mtkd._storage.conditions import check_same, note_versions
from keras_mtkd.distillers.loss_trackers import loss_name
from keras_mtkd.distillers.multi_task_model import MultiTaskModel
from keras_mtkd.problem import Problem
from keras_mtkd.teachers import fingerprint_before
from keras_mtkd.teachers.best_weights import BestWeights, goodness
from keras_mtkd.teachers.fitting import Watch, fit, new_optimizer, steps_per_epoch
from keras_mtkd.teachers.together import side_by_side, split_history, worth_it


@mtkd_export("keras_mtkd.train_teachers")
def train_teachers(
    problem: Problem,
    epochs: int,
    learning_rate: float = 1e-3,
    seed: int = 0,
    directory: str | os.PathLike[str] | None = None,
    verbose: int | str = "auto",
    decay: str = "cosine",
    restore_best_weights: bool = False,
    train_metrics: bool = True,
) -> dict[str, keras.Model]:
    """Train one single-task model for every task of a problem.

    Every teacher is the problem's backbone with one head, trained by Adam. Small ones, up to a
    million weights and values of layers together, are trained side by side in one program, which
    gives the same up to rounding and saves time; larger ones one after the other.

    Args:
        problem: The problem.
        epochs: Epochs for every teacher.
        learning_rate: Rate at the start.
        seed: Seed of the initial weights and of the data's order, where it can be reset.
        directory: Where to keep the teachers, one folder a task. Teachers that are there already
            are loaded instead of trained; training that was interrupted goes on with the first
            teacher that is missing.
        verbose: 0 is silent, 1 or `"auto"` one live line in a terminal and a line a training
            elsewhere, 2 Keras' line an epoch besides.
        decay: How the rate falls: `"cosine"` to zero, `"half"` from half-way on half of it, or
            `"constant"`.
        restore_best_weights: Whether each teacher has the weights of the epoch with its best score
            on validation data, instead of those of the last one.
        train_metrics: Whether metrics are computed on training batches too; many of them take long
            to compile and to run.

    Returns:
        `{task: model}`, each with the single output `{task: tensor}`. As after `fit`, its
        `history.history` is `{name: value of every epoch}`, with the names of a distiller of
        several tasks; it is empty for teachers that an earlier version kept.

    Raises:
        ValueError: If the data is malformed, or `directory` holds a teacher that was made for
            another problem, backbone, head, number of epochs, learning rate or seed.
    """
    if epochs < 1:
        raise ValueError(f"`epochs` must be at least 1. Received: epochs={epochs}.")
    folders = {} if directory is None else teacher_folders(directory, problem.tasks)
    # Once, before training: it reads the data.
    told = problem.fingerprint() if folders else {}
    made: dict[str, keras.Model] = {}
    settings: dict[str, Any] = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "seed": seed,
        "decay": decay,
    }
    if restore_best_weights:  # directories of earlier versions do not know it
        settings["restore_best_weights"] = True
    for task, folder in folders.items():
        if (kept := _load(folder, problem, task, told, settings)) is not None:
            made[task] = kept
    missing = [task for task in problem.tasks if task not in made]
    with progress.shown(1, verbose):
        if made:
            _tell_kept(list(made), problem)
        if missing:
            problem.validate()
        for tasks in _fits(problem, missing, seed):
            watch = Watch(_title(tasks, problem), len(tasks) / len(problem.tasks))
            trained = _train(problem, tasks, settings, verbose, watch, train_metrics)
            for task in tasks if folders else ():
                conditions = _conditions(_of_task(told, task), task, settings)
                _save(trained[task], folders[task], conditions)
            made |= trained
    return {task: made[task] for task in problem.tasks}


def teacher_folders(directory: str | os.PathLike[str], tasks: Iterable[str]) -> dict[str, Path]:
    """Where each task's teacher is kept: folders of the tasks' names, as far as those can be."""
    return {task: Path(directory) / name for task, name in valid_names(tasks).items()}


def _fits(problem: Problem, missing: list[str], seed: int) -> list[list[str]]:
    """Which teachers are trained by one `fit`: all, where that saves time, or one."""
    if worth_it(_new_models(problem, missing, seed)):
        return [missing]
    return [[task] for task in missing]


def _tell_kept(tasks: list[str], problem: Problem) -> None:
    part = len(tasks) / len(problem.tasks)
    progress.tell(progress.Event("kept", _title(tasks, problem), part))


def _title(tasks: list[str], problem: Problem) -> str:
    if len(tasks) == len(problem.tasks) > 1:
        return "teachers"
    return f"{'teachers' if len(tasks) > 1 else 'teacher'} of {', '.join(tasks)}"


def _new_models(problem: Problem, tasks: list[str], seed: int) -> dict[str, keras.Model]:
    models = {}
    for task in tasks:
        # Each begins as it would by itself.
        keras.utils.set_random_seed(seed)
        models[task] = problem.single(task)
    return models


def _train(
    problem: Problem,
    tasks: list[str],
    settings: Mapping[str, Any],
    verbose: Any,
    watch: Watch,
    train_metrics: bool,
) -> dict[str, keras.Model]:
    epochs, seed = settings["epochs"], settings["seed"]
    models = _new_models(problem, tasks, seed)
    together = len(tasks) > 1
    # It overlooks the labels of other tasks.
    learner = MultiTaskModel(side_by_side(models) if together else models[tasks[0]])
    steps = epochs * steps_per_epoch(problem.train)
    losses, metrics = problem.losses(), problem.metrics()
    learner.compile(
        optimizer=new_optimizer(settings["learning_rate"], steps, settings["decay"]),
        loss={task: losses[task] for task in tasks},
        metrics={task: metrics[task] for task in tasks},
        train_metrics=train_metrics,
    )
    keep = [
        BestWeights(partial(goodness, task=problem.tasks[task]), models[task])
        for task in (tasks if settings.get("restore_best_weights") else ())
    ]
    fit(learner, problem, epochs, seed, verbose, keep, watch)
    history = learner.history.history
    if together:
        histories = split_history(history, tasks)
    else:
        histories = {tasks[0]: _with_task(history, tasks[0])}
    return {task: _set_history(models[task], histories[task]) for task in tasks}


def _with_task(history: Mapping[str, list[float]], task: str) -> dict[str, list[float]]:
    """Keras leaves the task out of the names of metrics where there is only one."""
    named = {}
    for name, values in history.items():
        part = "val_" if name.startswith("val_") else ""
        rest = name.removeprefix(part)
        named[name if rest == "loss" or rest == loss_name(task) else f"{part}{task}_{rest}"] = [
            float(value) for value in values
        ]
    return named


def _set_history(model: keras.Model, history: dict[str, list[float]]) -> keras.Model:
    """The model with a history that does not hold on to the learner and its optimiser."""
    model.history = keras.callbacks.History()
    model.history.history = history
    model.history.epoch = list(range(len(history.get("loss", ()))))
    return model


def _of_task(fingerprint: Mapping[str, Any], task: str) -> dict[str, Any]:
    """What a problem's fingerprint tells of one task."""
    parts = {name: fingerprint["tasks"][name] for name in (f"head of {task}", f"loss of {task}")}
    return {**fingerprint, "tasks": parts}


def _conditions(
    fingerprint: Mapping[str, Any], task: str, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """All that decides what a teacher becomes."""
    return {**fingerprint, "task": task, **settings}


def _save(model: keras.Model, folder: Path, conditions: dict[str, Any]) -> None:
    # The conditions come last: a folder without them holds no finished teacher.
    files.write_atomically(folder / "teacher.keras", model.save)
    files.write_json(folder / "history.json", model.history.history)
    files.write_json(folder / "teacher.json", note_versions(conditions))


def _load(
    folder: Path,
    problem: Problem,
    task: str,
    told: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> keras.Model | None:
    path = folder / "teacher.json"
    kept = files.read_json(path)
    if kept is None:
        return None
    check_same(
        path,
        kept,
        lambda: _conditions(_of_task(told, task), task, settings),
        lambda: _conditions(fingerprint_before.of_problem(problem, task), task, settings),
    )
    model = keras.saving.load_model(folder / "teacher.keras", compile=False)
    forget_defaults(model)
    return _set_history(model, files.read_json(folder / "history.json") or {})
