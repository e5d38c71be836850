"""How far a command is, and what it ends with: a table, and where everything is."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from keras_mtkd.experiments import Comparison


def progress(verbose: bool) -> int:
    """As in `fit`: a bar for who watches, a line an epoch for a log."""
    if not verbose:
        return 0
    return 1 if Console().is_terminal else 2


def say(text: str) -> None:
    """Print without breaking lines, so that a path can be copied whole."""
    Console().print(text, soft_wrap=True)


def show_results(comparison: "Comparison", directory: Path) -> None:
    """Print the table, write everything beside it and say where."""
    from keras_mtkd.experiments.rendering import show

    show(comparison)
    say(f"All values as CSV: {comparison.save_csv(directory / 'table.csv')}")
    say(f"Scores and Δ_MTL by seed: {comparison.save_scores(directory / 'scores.csv')}")
    say(f"As a page to read: {comparison.save_report(directory / 'report.html')}")
    say(f"As a picture: {comparison.save_figure(directory / 'comparison.png')}")
