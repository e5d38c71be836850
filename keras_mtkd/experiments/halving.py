"""Successive halving: many candidates for few epochs each, the best of them for more."""

from dataclasses import dataclass

# Of a round before which there is another one: fewer tell too little.
_SHORTEST = 5
# Of the candidates of a round so many are in the next one: one of three.
_KEPT = 3


@dataclass(frozen=True)
class Round:
    """Candidates that are trained for equally long.

    Args:
        candidates: How many.
        epochs: Epochs of each.
    """

    candidates: int
    epochs: int


def rounds(candidates: int, epochs: int, budget: int) -> list[Round]:
    """Short rounds before the best candidate is trained in full, beside plain training.

    Both are trained for `epochs`, and the rounds share what is left of the budget equally: one
    round, or two where the first then still has some epochs.

    Args:
        candidates: Candidates, in the order in which they matter.
        epochs: Epochs of a whole training.
        budget: Epochs of all trainings together.

    Returns:
        The rounds. The first has fewer candidates where there is not an epoch for each; there is
        none where one candidate is left.

    Raises:
        ValueError: If the budget is too small for two whole trainings.

    Examples:
        >>> rounds(6, 30, 90)
        [Round(candidates=6, epochs=5)]
        >>> rounds(6, 100, 300)
        [Round(candidates=6, epochs=8), Round(candidates=2, epochs=25)]

    Source: after Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
    Optimization" (2016). Here every round trains anew, since schedules and falling rates are
    planned over a whole training.
    """
    spare = budget - 2 * epochs
    if spare < 0:
        raise ValueError(
            f"`budget` must be {2 * epochs} epochs or more: plain training and the best candidate "
            f"take {epochs} each, short trials the rest. Received: budget={budget}. With "
            f"`epochs={max(budget // 3, 1)}` in `settings` it would do."
        )
    first = min(candidates, spare)
    if first < 2:
        return []
    if first > _KEPT and spare // 2 // first >= _SHORTEST:
        second = -(-first // _KEPT)
        return [Round(first, spare // 2 // first), Round(second, spare // 2 // second)]
    return [Round(first, spare // first)]
