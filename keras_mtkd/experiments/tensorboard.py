"""A comparison in TensorBoard: a table of hyperparameters, curves and pictures."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keras_mtkd._storage import files
from keras_mtkd._storage.event_files import Events, by_part
from keras_mtkd.experiments.compared import Compared
from keras_mtkd.experiments.run import Run

# Always the same, so that a second call writes the same files again.
_NAME = "events.out.tfevents.0.comparison"


def write_events(comparison: Compared, directory: Path) -> None:
    """Write one folder `method/seed` a run, with its settings, final scores, curves and pictures.

    Args:
        comparison: The comparison.
        directory: Where to write.

    Raises:
        ImportError: If tensorboard or, for pictures, matplotlib is not installed.
    """
    scores = comparison.scores()
    settings = _flat(comparison.conditions)
    tags = {column: f"score/{column}" for column in scores.columns}
    names = ["method", "title", "seed", *settings]
    _write(directory, lambda events: events.columns(names, tags.values()))
    for (method, seed), row in scores.iterrows():
        run = comparison.runs.get((method, seed), Run())
        folder = directory / method / f"seed{seed}"
        title = comparison.title_of(method)
        values = {"method": method, "title": title, "seed": int(seed), **settings}
        final = {tag: row[column] for column, tag in tags.items()}
        _write(folder, _finish, values, final, run)
        _write_curves(folder, run, list(comparison.tasks))


def _finish(
    events: Events, values: Mapping[str, Any], final: Mapping[str, float], run: Run
) -> None:
    events.parameters(f"{values['title']}, seed {values['seed']}", values)
    epochs = max(map(len, run.history.values()), default=0)
    events.scalars(epochs, final)
    if run.similarity is not None:
        from keras_mtkd.plots import plot_similarity

        axes = plot_similarity(run.similarity, run.tasks, run.blocks)
        events.picture(0, "similarity", axes.figure)
    if run.queue and f"{run.queue[0][0]}_task_weight" in run.history:
        from keras_mtkd.plots import plot_schedule

        axes = plot_schedule(run.queue, history=run.history)
        events.picture(epochs, "queue", axes.figure)


def _write_curves(folder: Path, run: Run, tasks: list[str]) -> None:
    for part in ("train", "validation"):
        series = {
            tag: values
            for name, values in run.history.items()
            for tag in by_part({name: 0.0}, tasks)[part]
        }
        if series:
            _write(folder / part, _all_epochs, series)


def _all_epochs(events: Events, series: Mapping[str, list[float]]) -> None:
    for epoch in range(max(map(len, series.values()))):
        known = {tag: values[epoch] for tag, values in series.items() if epoch < len(values)}
        events.scalars(epoch, known)


def _flat(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without nesting: `{"weight": {"a": 1}}` becomes `{"weight/a": 1}`."""
    flat: dict[str, Any] = {}
    for key, value in conditions.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}/{name}": each for name, each in value.items()}
        else:
            flat[key] = value
    return flat


def _write(folder: Path, fill: Callable[..., None], *arguments: Any) -> None:
    """A whole event file, or none."""
    stream = io.BytesIO()
    fill(Events(stream), *arguments)
    files.write_atomically(folder / _NAME, lambda partial: partial.write_bytes(stream.getvalue()))
