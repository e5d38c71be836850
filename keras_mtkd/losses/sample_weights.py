"""Weights of samples that no loss can mean: negative ones, and what is no number."""

from typing import Any

import numpy as np


def check_weights(task: str, weight: Any) -> None:
    """Refuse weights by which training would run away from the labels, or be NaN.

    Args:
        task: The task.
        weight: Weights of its samples or positions, or `None`.

    Raises:
        ValueError: If some are negative or not finite.

    Examples:
        >>> import numpy as np
        >>> check_weights("size", np.array([1.0, 0.0]))
        >>> check_weights("size", np.array([1.0, -0.5]))
        Traceback (most recent call last):
            ...
        ValueError: Task 'size': 1 of 2 sample weights are negative, such as -0.5. Expected 0 ...
    """
    if weight is None:
        return
    weights = np.asarray(weight)
    if weights.dtype.name == "bfloat16":
        weights = weights.astype("float32")
    if weights.dtype.kind not in "if":
        return
    for what, bad in (("negative", weights < 0), ("not finite", ~np.isfinite(weights))):
        if bad.any():
            raise ValueError(
                f"Task '{task}': {int(bad.sum())} of {weights.size} sample weights are {what}, "
                f"such as {weights[bad][0]}. Expected 0 where there is no label, and more than 0 "
                "elsewhere. Data is `(x, labels, weights)`: have labels and weights changed places?"
            )
