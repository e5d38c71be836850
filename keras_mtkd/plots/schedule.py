"""Queue and weights over epochs, as planned or as they were."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.plots._axes import new_axes
from keras_mtkd.scheduling import stage_weights
from keras_mtkd.scheduling.queue import check_listed


@mtkd_export("keras_mtkd.plots.plot_schedule")
def plot_schedule(
    queue: Sequence[Sequence[str]],
    epochs: int | None = None,
    history: Mapping[str, Sequence[float]] | None = None,
    axes: Any = None,
    **schedule: Any,
) -> Any:
    """Distillation weights as bars over epochs, one row a task in the order of the queue.

    Full colour is a weight of 1. Epochs in which a task's own loss waits, with less than half of
    the weight that it will have, are hatched.

    Args:
        queue: Blocks in order.
        epochs: Epochs of a run to be planned.
        history: `History.history` of a finished run, instead.
        axes: Matplotlib axes to draw on; new ones by default.
        **schedule: For a plan, `mode`, `starts`, `ramp` and `waiting` of
            `scheduling.stage_weights`; without, the plan of `callbacks.SequentialDistillation`
            as it is by default, but for its trial epoch.

    Returns:
        The axes.

    Raises:
        TypeError: If a block is one text.
        ValueError: If neither or both of `epochs` and `history` are given.
        ImportError: If matplotlib is not installed.
    """
    if (epochs is None) == (history is None):
        raise ValueError("Pass `epochs`, to plot a plan, or `history`, to plot a run.")
    check_listed(queue, "queue")
    tasks = [task for block in queue for task in block]
    if history is not None:
        own = np.array([history[f"{task}_task_weight"] for task in tasks])
        taught = np.array([history[f"{task}_distillation_weight"] for task in tasks])
    else:
        count = int(epochs or 0)
        pairs = [stage_weights(queue, epoch, count, **schedule) for epoch in range(count)]
        own, taught = (np.array([[p[k][t] for p in pairs] for t in tasks]) for k in (0, 1))
    axes = new_axes(axes, (7.0, 0.45 * len(tasks) + 1.6))
    colors = [number for number, block in enumerate(queue) for _ in block]
    for row, number in enumerate(colors):
        for epoch in range(taught.shape[1]):
            if taught[row, epoch] > 0:
                alpha = 0.15 + 0.85 * min(taught[row, epoch], 1.0)
                axes.barh(row, 1, 0.7, left=epoch, color=f"C{number}", alpha=alpha)
            if own[row, epoch] <= own[row].max() / 2:
                axes.barh(row, 1, 0.7, left=epoch, fill=False, hatch="///", edgecolor="0.6", lw=0)
    axes.set_yticks(range(len(tasks)), tasks)
    axes.invert_yaxis()
    axes.set_xlim(0, taught.shape[1])
    axes.set_xlabel("epoch")
    axes.set_title("distillation, block by block (hatched: the task's own loss waits)", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    axes.figure.tight_layout()
    return axes
