"""The colours of methods, the same in every picture of a comparison and on its page."""

from collections.abc import Sequence

# Dark enough for names on white. The page has them in its style sheet, lighter ones for the dark.
COLOURS = ("#1d5fc2", "#c2410c", "#0f766e", "#8a3ab9", "#8a6500", "#b92a72")
# The single-task models are what all else is held against, and stand back.
BASE = "0.25"


def places(methods: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Which of the colours every multi-task method has, and how often they came round before.

    Args:
        methods: The methods that a comparison shows, in order.

    Examples:
        >>> places(["uniform", "single", "scd"])
        {'uniform': (0, 0), 'scd': (1, 0)}
    """
    students = [method for method in methods if method != "single"]
    return {
        method: (number % len(COLOURS), number // len(COLOURS))
        for number, method in enumerate(students)
    }


def colours(methods: Sequence[str]) -> dict[str, str]:
    """The colour of every multi-task method, as matplotlib takes it.

    Args:
        methods: As above.
    """
    return {method: COLOURS[colour] for method, (colour, _) in places(methods).items()}
