"""Numbers below each other, in the width of a terminal."""

from collections.abc import Mapping, Sequence

_GAP = "  "


def short(value: float | None) -> str:
    """A number with three significant digits, all of those before the point.

    Examples:
        >>> [short(value) for value in (0.5, 12.345, 98765.4, 0.00001234, None)]
        ['0.500', '12.3', '98765', '1.23e-05', '-']
    """
    if value is None:
        return "-"
    if 999.5 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:#.3g}".removesuffix(".")


def table(titles: Sequence[str], rows: Mapping[str, Sequence[str]], width: int) -> str:
    """A table with a line of titles, in several parts where it is wider than a line.

    Args:
        titles: What stands above the columns.
        rows: `{label: cells}`.
        width: Characters of a line.

    Returns:
        Lines, without a line's end behind the last.
    """
    labels = max(map(len, rows))
    widths = [max(map(len, column)) for column in zip(titles, *rows.values(), strict=True)]
    lines, start = [], 0
    while start < len(titles):
        stop, used = start, labels
        while stop < len(titles) and (stop == start or used + len(_GAP) + widths[stop] <= width):
            used += len(_GAP) + widths[stop]
            stop += 1
        for label, cells in [("", titles), *rows.items()]:
            padded = [cells[i].rjust(widths[i]) for i in range(start, stop)]
            lines.append(_GAP.join([label.ljust(labels), *padded]))
        start = stop
    return "\n".join(lines)
