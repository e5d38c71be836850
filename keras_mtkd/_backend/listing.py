"""Names with a line of explanation, in the console."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table


def show_list(lines: Mapping[str, str]) -> None:
    """Print two columns; where nobody watches, one line a name, for `grep`.

    Args:
        lines: `{name: explanation}`.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        width = max(map(len, lines))
        for name, explanation in lines.items():
            console.print(f"{name:{width}}  {explanation}", soft_wrap=True, markup=False)
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for name, explanation in lines.items():
        table.add_row(name, explanation)
    console.print(table)
