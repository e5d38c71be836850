"""The seeds of a comparison."""

import operator
from typing import Any

from keras_mtkd._backend.several import check_several


def listed_seeds(given: Any) -> list[int]:
    """Seeds in a list, as whole numbers of Python.

    Args:
        given: Seeds in a list, a range, an array.

    Raises:
        TypeError: If it is one number, which may be meant as their count, or they are no whole
            numbers.
    """
    one = isinstance(given, int) and not isinstance(given, bool)
    few = f"`seeds=range({given})` for {given} seeds, `seeds=[{given}]` for this one"
    check_several("seeds", given, few if one and given > 0 else "`seeds=range(3)` for three seeds")
    seeds = list(given)
    for seed in seeds:
        try:
            operator.index(seed)
        except TypeError:
            raise TypeError(
                "`seeds` must be whole numbers, as `seeds=range(3)` for three of them. "
                f"Received: {seed!r} of type {type(seed).__name__}."
            ) from None
    return [operator.index(seed) for seed in seeds]
