"""Names with a line of explanation, in the console."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

_PLAIN_WIDTH = 400


def show_list(lines: Mapping[str, str]) -> None:
    """Print two columns; where nobody watches, one line a name, for `grep`.

    Args:
        lines: `{name: explanation}`.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for name, explanation in lines.items():
        table.add_row(name, explanation)
    console = Console()
    width = console.width if console.is_terminal else _PLAIN_WIDTH
    Console(width=width, highlight=False).print(table)
