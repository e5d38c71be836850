"""`keras-mtkd methods` and `keras-mtkd problems`: the same in a terminal and in a pipe."""

import textwrap
from collections.abc import Mapping
from functools import partial

import typer

from keras_mtkd.command_line import catalogue

_COLUMNS = 80


def methods() -> None:
    """List every method that `compare` knows, a line each, by what it is for; then the groups."""
    known = catalogue.read()
    families = {**known.methods, "Groups: many methods by one name": known.groups}
    typer.echo("\n\n".join(_family(heading, lines) for heading, lines in families.items()))


def problems() -> None:
    """List every problem: what it is and needs, its tasks, and the recipe that `compare` uses."""
    known = catalogue.read().problems
    width = max(map(len, known))
    typer.echo("\n\n".join(_problem(f"{name:{width}}", told) for name, told in known.items()))


def _family(heading: str, lines: Mapping[str, str]) -> str:
    """A heading, and under it a line a name, for `grep`."""
    width = max(map(len, lines))
    return "\n".join([heading, *(f"  {name:{width}}  {line}" for name, line in lines.items())])


def _problem(name: str, told: catalogue.ProblemLines) -> str:
    """A line, for `grep`, and under it what belongs to it."""
    more = {"Needs": told.needs, "Tasks": ", ".join(told.tasks), "Recipe": told.recipe}
    lines = [f"  {f'{key}:':7} {value}." for key, value in more.items()]
    fold = partial(textwrap.fill, width=_COLUMNS, subsequent_indent=" " * 10)
    # Names have hyphens, and are looked for.
    wrapped = [fold(line, break_on_hyphens=False) for line in lines]
    return "\n".join([f"{name}  {told.summary}", *wrapped])
