"""The commands together, with what they share: versions, help, examples."""

from typing import Annotated

import typer

from keras_mtkd.command_line import versions
from keras_mtkd.command_line.compare import compare
from keras_mtkd.command_line.demo import demo
from keras_mtkd.command_line.lists import methods, problems

_EXAMPLES = """\b
Examples:
  keras-mtkd demo                   teachers, student and a table, in minutes
  keras-mtkd methods                every method in a line
  keras-mtkd compare --methods single,uniform,mtlkd,scd --seeds 5
  keras-mtkd compare --problem rooms --epochs 5 --directory runs/rooms
  keras-mtkd compare --problem my_file.py:my_problem

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
        typer.echo(versions.sentence())
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


app.command(short_help="Teachers, a student and a table, in minutes.")(demo)
app.command(short_help="Train methods with several seeds and compare.")(compare)
app.command(short_help="List the methods, a line each.")(methods)
app.command(short_help="List the problems and their recipes.")(problems)
