"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

_MAX_SEEDS = 1000

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
    typer.Option("--verbose/--quiet", help="Show what trains and how far all is, or nothing."),
]
