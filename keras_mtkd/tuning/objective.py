"""Objectives of Keras Tuner that say which way is better."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd.callbacks.delta_mtl import DELTA_MTL
from keras_mtkd.task import Task, listed_tasks

if TYPE_CHECKING:
    from keras_tuner import Objective
else:
    Objective = Any

DIRECTIONS = ("min", "max")


@mtkd_export("keras_mtkd.tuning.objective")
def objective(
    name: str = DELTA_MTL,
    direction: str | None = None,
    tasks: Mapping[str, Task] | Iterable[Task] | None = None,
) -> Objective:
    """An objective with a direction, for every name in the logs of a multi-task `fit`.

    Keras Tuner does not know which way the metrics of an output are better, and says so when the
    first trials have been trained. Nor does it know which objective the scores are of that it finds
    in the directory of an earlier search: this one warns when others' are ranked by it.

    Args:
        name: `"val_delta_mtl"`, `"val_loss"`, `"val_depth_mae"`, ...
        direction: `"min"` or `"max"`; by default losses are to fall, `val_delta_mtl` is to rise,
            and the scores of `tasks` are to move the way that the task says.
        tasks: `problem.tasks`, or the tasks in a list.

    Returns:
        A `keras_tuner.Objective`. In a list of objectives it cannot warn. One that is made by
        `hypermodel.objective()` also knows what trials are made from.

    Raises:
        ValueError: If the direction is neither given nor known.
        TypeError: If the tasks are no `Task`s.
        ImportError: If Keras Tuner is not installed.

    Examples:
        >>> found = objective("val_loss")
        >>> found.name, found.direction
        ('val_loss', 'min')
    """
    known = _known_directions(() if tasks is None else tasks)
    if direction is None:
        direction = known.get(name.removeprefix("val_"))
    if direction not in DIRECTIONS:
        raise ValueError(
            f"It is not known which way '{name}' is better. Pass `direction`, 'min' or 'max'. "
            f"Received: direction={direction!r}. Known without: "
            f"{', '.join('val_' + each for each in known)}."
        )
    require("keras_tuner", "tuner")
    # Its base class is Keras Tuner's, which is imported when it is asked for, not before.
    from keras_mtkd.tuning.old_scores import CheckedObjective

    return CheckedObjective(name, direction)


def _known_directions(tasks: Mapping[str, Task] | Iterable[Task]) -> dict[str, str]:
    """`{name without "val_": direction}`."""
    listed = listed_tasks(tasks)
    scores = {f"{task.name}_{task.score}": DIRECTIONS[task.higher_is_better] for task in listed}
    falling = dict.fromkeys(["loss", *(f"{task.name}_loss" for task in listed)], "min")
    return {DELTA_MTL.removeprefix("val_"): "max", **falling, **scores}
