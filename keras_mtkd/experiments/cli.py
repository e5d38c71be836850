"""The commands of `keras-mtkd`."""

import contextlib
import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import keras
import typer
from rich.console import Console

from keras_mtkd import datasets, experiments
from keras_mtkd._backend.listing import show_list
from keras_mtkd._backend.version import __version__
from keras_mtkd.datasets.loading import PROBLEMS, listed
from keras_mtkd.experiments.methods import SINGLE, SINGLE_SUMMARY
from keras_mtkd.experiments.rendering import show

_MAX_SEEDS = 1000
_EXAMPLES = """\b
Examples:
  keras-mtkd demo                          teachers, student and a table, in minutes
  keras-mtkd methods                       every method in a line
  keras-mtkd compare --methods single,uniform,mtlkd,scd --seeds 5
  keras-mtkd compare --problem rooms --epochs 5 --directory runs/rooms

Interrupt a command when you like (Ctrl-C): finished models are kept in the directory, and the same
command goes on from them. KERAS_BACKEND=tensorflow or jax chooses what computes.

\b
Exit codes: 0 done, 1 bad input, a missing package or a full disk,
2 wrong usage, 130 interrupted.
"""

# Plain help, without boxes: it reads the same in a pipe, a log and a narrow terminal.
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog=_EXAMPLES,
    help="Knowledge distillation for multi-task learning with Keras: one model a task first (the "
    "teachers), then one student for all tasks that learns from them.",
)


def _version(wanted: bool) -> None:
    if wanted:
        backend = keras.backend.backend()
        typer.echo(f"keras-mtkd {__version__} (Keras {keras.__version__}, {backend})")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show versions and backend."
        ),
    ] = False,
) -> None:
    pass


Directory = Annotated[
    Path,
    typer.Option(
        help="Where models and results are kept. A second run goes on from them; other settings "
        "need another directory."
    ),
]
Epochs = Annotated[int, typer.Option(min=1, help="Epochs of every teacher and student.")]
Seeds = Annotated[
    int,
    typer.Option(
        min=1,
        max=_MAX_SEEDS,
        help="Number of seeds (0, 1, ...). Each trains its own teachers and students; fewer than "
        "three say little.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose/--quiet", help="Show the progress of every training, or its name."),
]
_RECIPE = "Default: the recipe's."


def _part(given: str | None) -> None:
    """The former name of an option."""
    if given is not None:
        raise typer.BadParameter(f"it is called '--split' since 0.2: pass '--split {given}'.")


@app.command(short_help="Teachers, a student and a table, in minutes.")
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
            verbose=_progress(verbose),
        )
        student = directory / "student.keras"
        shutil.copyfile(directory / "seed0" / "mtlkd" / "student.keras", student)
        _show(comparison, directory)
        _say(f"The distilled student, a plain Keras model: {student}")


@app.command(short_help="Train methods with several seeds and compare.")
def compare(
    problem: Annotated[
        str, typer.Option(help="A problem's name, see `keras-mtkd problems`.")
    ] = "digits",
    path: Annotated[
        Path | None, typer.Option(help="Folder with the problem's data, where it reads files.")
    ] = None,
    methods: Annotated[
        str,
        typer.Option(
            help="Names of methods or groups, separated by commas, see `keras-mtkd methods`."
        ),
    ] = "single,uniform,mtlkd",
    seeds: Seeds = 3,
    epochs: Annotated[
        int | None, typer.Option(min=1, help=f"Epochs of every teacher and student. {_RECIPE}")
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(help=f"Adam's initial rate for students and teachers. {_RECIPE}"),
    ] = None,
    adaptor_learning_rate: Annotated[
        float | None, typer.Option(help=f"Adam's initial rate for adaptors. {_RECIPE}")
    ] = None,
    weight: Annotated[
        float | None,
        typer.Option(
            help="Factor of feature distillation next to a task's loss (mtlkd, scd); 0 turns it "
            f"off. {_RECIPE}"
        ),
    ] = None,
    logit_weight: Annotated[
        float | None, typer.Option(help=f"Factor of logit distillation (logits). {_RECIPE}")
    ] = None,
    split: Annotated[
        str, typer.Option(help="Measure on 'test' or, to tune, on 'validation' data.")
    ] = "test",
    part: Annotated[
        str | None, typer.Option(hidden=True, callback=_part, help="Called --split since 0.2.")
    ] = None,
    directory: Directory = Path("runs/compare"),
    verbose: Verbose = True,
) -> None:
    """Train methods × seeds under equal conditions and print mean ± standard error.

    All methods of a seed start from the same weights, learn from the same teachers and see the
    same data. Epochs, rates and weights are those of the problem's recipe unless given: the
    settings that were published for it or found on its validation data. `keras-mtkd problems`
    shows them.
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
            split=split,
            verbose=_progress(verbose),
        )
        _show(comparison, directory)


@app.command(short_help="List the methods, a line each.")
def methods() -> None:
    """List every method that `compare` knows, with a line of explanation, then the groups."""
    lines = {SINGLE: SINGLE_SUMMARY} | {n: m.summary for n, m in experiments.METHODS.items()}
    for name, group in experiments.METHOD_GROUPS.items():
        lines[name] = f"A group: short for the {len(group)} methods {group[0]} to {group[-1]}."
    show_list(lines)


@app.command(short_help="List the problems and their recipes.")
def problems() -> None:
    """List every problem, with its recipe: the settings that `compare` uses."""
    show_list({name: f"{PROBLEMS[name].summary} {_recipe(name)}" for name in listed()})


def _recipe(problem: str) -> str:
    settings = experiments.recipe(problem)
    return (
        f"Recipe: {settings.epochs} epochs, rate {settings.learning_rate:g}, adaptors' rate "
        f"{settings.adaptor_learning_rate:g}, weight {settings.weight}."
    )


def _progress(verbose: bool) -> int:
    """As in `fit`: a bar for who watches, a line an epoch for a log."""
    if not verbose:
        return 0
    return 1 if Console().is_terminal else 2


def _say(text: str) -> None:
    """Print without breaking lines, so that a path can be copied whole."""
    Console().print(text, soft_wrap=True)


def _show(comparison: experiments.Comparison, directory: Path) -> None:
    show(comparison)
    _say(f"All values as CSV: {comparison.save_csv(directory / 'table.csv')}")
    _say(f"Scores and Δ_MTL by seed: {comparison.save_scores(directory / 'scores.csv')}")
    _say(f"As a page to read: {comparison.save_report(directory / 'report.html')}")
    _say(f"As a picture: {comparison.save_figure(directory / 'comparison.png')}")


@contextlib.contextmanager
def _reported() -> Iterator[None]:
    """Turn bad input and Ctrl-C into a message and an exit code."""
    console = Console(stderr=True, soft_wrap=True)
    try:
        yield
    except KeyboardInterrupt as error:
        console.print("\nInterrupted. Finished results are kept: run the same command to go on.")
        raise typer.Exit(130) from error
    except (ValueError, OSError, ImportError) as error:
        console.print("[bold red]Error:[/bold red]", end=" ")
        console.print(str(error), highlight=False, markup=False)
        raise typer.Exit(1) from error
