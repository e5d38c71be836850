"""The commands of `keras-mtkd`."""

import contextlib
import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from keras_mtkd import datasets, experiments
from keras_mtkd.datasets._load import PROBLEMS
from keras_mtkd.experiments.rendering import show

_MAX_SEEDS = 1000

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Knowledge distillation for multi-task learning with Keras.",
)

Directory = Annotated[
    Path, typer.Option(help="Where results are kept. A second run goes on from them.")
]
Epochs = Annotated[int, typer.Option(min=1, help="Epochs of every teacher and student.")]
Seeds = Annotated[int, typer.Option(min=1, max=_MAX_SEEDS, help="Number of seeds.")]
Verbose = Annotated[
    bool, typer.Option("--verbose/--quiet", help="Show a progress bar of every training.")
]


@app.command()
def demo(
    directory: Directory = Path("runs/demo"),
    epochs: Epochs = 30,
    seeds: Seeds = 2,
    verbose: Verbose = True,
) -> None:
    """Distil six teachers into one student on pairs of scanned digits, and compare."""
    with _reported():
        comparison = experiments.compare(
            datasets.digits(),
            methods=("single", "uniform", "mtlkd"),
            seeds=range(seeds),
            directory=directory,
            settings=experiments.Settings(epochs=epochs),
            verbose=1 if verbose else 0,
        )
        student = directory / "student.keras"
        shutil.copyfile(directory / "seed0" / "mtlkd" / "student.keras", student)
        _show(comparison, directory)
        Console().print(f"The distilled student, a plain Keras model: {student}")


@app.command()
def compare(
    problem: Annotated[str, typer.Option(help=f"One of: {', '.join(PROBLEMS)}.")] = "digits",
    path: Annotated[Path | None, typer.Option(help="Folder with the problem's data.")] = None,
    methods: Annotated[
        str,
        typer.Option(help=f"Separated by commas, of: {', '.join(experiments.known_methods())}."),
    ] = "single,uniform,mtlkd",
    seeds: Seeds = 3,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs of every teacher and student.")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Rate of students and teachers.")
    ] = None,
    adaptor_learning_rate: Annotated[float | None, typer.Option(help="Rate of adaptors.")] = None,
    weight: Annotated[float | None, typer.Option(help="Weight of feature distillation.")] = None,
    logit_weight: Annotated[
        float | None, typer.Option(help="Weight of logit distillation.")
    ] = None,
    part: Annotated[str, typer.Option(help="Measure on 'test' or 'validation'.")] = "test",
    directory: Directory = Path("runs/compare"),
    verbose: Verbose = True,
) -> None:
    """Train methods × seeds under equal conditions and print mean ± standard error.

    Epochs, rates and weights are those of the problem's recipe unless given.
    """
    given: dict[str, Any] = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "adaptor_learning_rate": adaptor_learning_rate,
        "weight": weight,
        "logit_weight": logit_weight,
    }
    with _reported():
        comparison = experiments.compare(
            datasets.load(problem, path),
            methods=[name.strip() for name in methods.split(",")],
            seeds=range(seeds),
            directory=directory,
            settings=dataclasses.replace(
                experiments.recipe(problem),
                **{name: value for name, value in given.items() if value is not None},
            ),
            part=part,
            verbose=1 if verbose else 0,
        )
        _show(comparison, directory)


def _show(comparison: experiments.Comparison, directory: Path) -> None:
    console = Console()
    show(comparison)
    console.print(f"All values as CSV: {comparison.save_csv(directory / 'table.csv')}")
    console.print(f"Scores and Δ_MTL by seed: {comparison.save_scores(directory / 'scores.csv')}")
    console.print(f"As a picture: {comparison.save_figure(directory / 'comparison.png')}")


@contextlib.contextmanager
def _reported() -> Iterator[None]:
    """Turn bad input and Ctrl-C into a message and an exit code."""
    console = Console(stderr=True)
    try:
        yield
    except KeyboardInterrupt as error:
        console.print("\nInterrupted. Finished results are kept: run the same command to go on.")
        raise typer.Exit(130) from error
    except (ValueError, OSError) as error:
        console.print(f"[bold red]Error:[/bold red] {error}", highlight=False)
        raise typer.Exit(1) from error
