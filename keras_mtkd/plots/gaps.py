"""How far the student is from its teachers, over time."""

from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd.plots._axes import new_axes
from keras_mtkd.scheduling.complexity import student_gap


@mtkd_export("keras_mtkd.plots.plot_gaps")
def plot_gaps(
    history: Mapping[str, Sequence[float]], teacher_losses: Mapping[str, float], axes: Any = None
) -> Any:
    """The gap `max(0, 1 - teacher / student)` of losses, one line a task.

    Args:
        history: `History.history` of a run; validation losses where there are any.
        teacher_losses: `{task: loss}` of the teachers on the same data.
        axes: Matplotlib axes to draw on; new ones by default.

    Returns:
        The axes.

    Raises:
        KeyError: If the history lacks the loss of a task.
        ImportError: If matplotlib is not installed.
    """
    prefix = "val_" if any(name.startswith("val_") for name in history) else ""
    axes = new_axes(axes, (7.0, 4.0))
    for task, loss in teacher_losses.items():
        series = history[f"{prefix}{task}_loss"]
        gaps = [student_gap({task: value}, {task: loss})[task] for value in series]
        axes.plot(range(1, len(gaps) + 1), gaps, label=task)
    axes.set_ylim(0, 1)
    axes.set_xlabel("epoch")
    axes.set_ylabel("gap to the teacher\n(0: as good as it)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=2)
    axes.figure.tight_layout()
    return axes
