"""Task losses brought nearer to one scale."""

from collections.abc import Mapping

_LEAST = 1e-6


def loss_scales(losses: Mapping[str, float], power: float) -> dict[str, float]:
    """Factors that make losses of different units more alike: `loss^-power`, with a mean of 1.

    Args:
        losses: `{task: loss}` that the teachers have left, not negative.
        power: 0 leaves the losses as they are, 1 makes all of the teachers' losses equal.

    Returns:
        `{task: factor}`.

    Raises:
        ValueError: If a loss is negative or `power` not in [0, 1].

    Examples:
        >>> loss_scales({"a": 0.25, "b": 4.0}, power=0.5)
        {'a': 1.6, 'b': 0.4}

    Source: this package's, beyond the paper.
    """
    if not 0.0 <= power <= 1.0:
        raise ValueError(f"`power` must lie in [0, 1]. Received: power={power}.")
    for task, loss in losses.items():
        if loss < 0:
            raise ValueError(
                f"Only losses that are not negative can be scaled. Received for '{task}': {loss}. "
                "Pass `loss_scale=0` to leave them as they are."
            )
    raw = {task: max(loss, _LEAST) ** -power for task, loss in losses.items()}
    mean = sum(raw.values()) / max(len(raw), 1)
    return {task: value / mean for task, value in raw.items()}
