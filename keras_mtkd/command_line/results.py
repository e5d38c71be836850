"""How far a command is, and what it ends with: a table, and where everything is."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from keras_mtkd.experiments import Comparison


def progress(verbose: bool) -> int | str:
    """What `compare` takes as `verbose`: a live line in a terminal, a line a training in a log."""
    return "auto" if verbose else 0


def say(text: str) -> None:
    """Print without breaking lines, so that a path can be copied whole."""
    Console().print(text, soft_wrap=True)


def show_results(comparison: "Comparison", directory: Path) -> None:
    """Print the table and what it says, write everything beside it and say where."""
    from keras_mtkd.experiments.rendering import show

    show(comparison)
    if comparison.verdict():
        Console().print(f"\n{comparison.verdict()}", highlight=False, markup=False)
    for task, caution in comparison.cautions().items():
        Console().print(f"Caution, {task}: {caution}", style="yellow", markup=False)
    say(f"\nAs a page to read: {comparison.save_report(directory / 'report.html')}")
    say(
        f"As a picture, quality against cost: {comparison.save_cost_figure(directory / 'cost.png')}"
    )
    say(f"As a picture, task by task: {comparison.save_figure(directory / 'comparison.png')}")
    say(f"All values as CSV: {comparison.save_csv(directory / 'table.csv')}")
    say(f"Scores and Δ_MTL by seed: {comparison.save_scores(directory / 'scores.csv')}")
