"""Where a relative change says little, because of the score that it is relative to."""

import math
from collections.abc import Mapping

import numpy as np

from keras_mtkd.task import Task

# Of a score that is 1 at best, such as R² and accuracy.
_SMALL = 0.05
# Standard deviation over seeds, as a share of the mean.
_UNSTEADY = 1 / 3
# In percent: a score three times as large.
_LARGE = 200.0
# One model for all tasks is hardly so much better than a task's own.
_TWICE_AS_GOOD, _HALF_THE_ERROR = 100.0, 50.0


def caution(task: Task, base: np.ndarray, changes: Mapping[str, float], called: str) -> str | None:
    """Why a task's part of Δ_MTL is to be read with care, in a sentence; `None` if it is not.

    Args:
        task: The task.
        base: `(seeds,)` scores of the single-task models.
        changes: `{title: mean change in percent}` of the methods.
        called: What the single-task models are called.
    """
    mean = float(base.mean())
    if math.isnan(mean):
        return f"The {task.score} of {called} is not a number, so there is no Δ_MTL."
    score = f"The {task.score} of {called} is {_short(mean)}"
    if mean == 0:
        return (
            f"{score}: nothing is relative to it, so there is no Δ_MTL. Choose another `score` "
            "for this task."
        )
    if mean < 0:
        return (
            f"{score}, below 0: changes relative to it say little. Choose another `score` for this "
            "task."
        )
    if len(base) > 1 and base.std(ddof=1) > _UNSTEADY * mean:
        spread = _short(float(base.std(ddof=1)))
        return (
            f"{score} and varies by ±{spread} from seed to seed: changes relative to it say little."
        )
    if task.higher_is_better and mean < _SMALL:
        return f"{score}, near 0: small differences are large relative changes."
    finite = {title: change for title, change in changes.items() if math.isfinite(change)}
    worst = max(finite, key=lambda title: abs(finite[title]), default="")
    if worst and abs(finite[worst]) > _LARGE:
        return (
            f"{score}, small beside {worst}'s, a change of {finite[worst]:+.0f} %: this task "
            "outweighs the others in Δ_MTL."
        ).replace("-", "−")
    first = max(finite, key=lambda title: finite[title], default="")
    if first and finite[first] > (_TWICE_AS_GOOD if task.higher_is_better else _HALF_THE_ERROR):
        return (
            f"{score}, far behind {first}'s, a change of {finite[first]:+.0f} %. Is that what they "
            "answer to this task, and in the units of its labels?"
        )
    return None


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
