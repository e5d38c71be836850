"""Numbers and tables in Markdown."""

import math
from collections.abc import Sequence


def number(value: float, digits: int = 1, signed: bool = False) -> str:
    """A number with a true minus sign; a dash where there is none.

    Args:
        value: The number.
        digits: After the point.
        signed: Whether one above 0 has a plus.

    Examples:
        >>> number(-1.26), number(0.04, signed=True), number(math.nan)
        ('−1.3', '0.0', '–')
    """
    if not math.isfinite(value):
        return "–"
    rounded = round(value, digits) or 0.0
    plus = "+" if signed and rounded > 0 else ""
    return f"{plus}{rounded:,.{digits}f}".replace("-", "−")


def with_error(mean: float, se: float, signed: bool = False, digits: int = 1) -> str:
    """A mean and its standard error, which one seed does not have.

    Examples:
        >>> with_error(-1.26, 0.2), with_error(1.0, math.nan, signed=True)
        ('−1.3 ±0.2', '+1.0')
    """
    if not math.isfinite(mean):
        return "–"
    spread = f" ±{number(se, digits)}" if math.isfinite(se) else ""
    return f"{number(mean, digits, signed)}{spread}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown.

    Args:
        header: Titles of the columns.
        rows: Cells.
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def listed(words: Sequence[str]) -> str:
    """Words in a sentence.

    Examples:
        >>> listed(["a"]), listed(["a", "b", "c"])
        ('a', 'a, b and c')
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
