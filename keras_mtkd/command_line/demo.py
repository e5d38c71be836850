"""`keras-mtkd demo`."""

import dataclasses
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from keras_mtkd.command_line.needed import check_packages
from keras_mtkd.command_line.options import Directory, Epochs, Seeds, Verbose
from keras_mtkd.command_line.reporting import reported

# So many shared units that one model has room for six tasks, and still must be taught well.
_WIDTH = 64
_METHODS = ("single", "uniform", "mtlkd", "scd")


def demo(
    directory: Directory = Path("runs/demo"),
    epochs: Epochs = 20,
    seeds: Seeds = 3,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Processes that train side by side, each on its share of the cores. Default: one "
            "a core, up to the seeds; one if there is a GPU.",
        ),
    ] = None,
    verbose: Verbose = True,
) -> None:
    """Distil six teachers into one student on pairs of scanned digits, and compare."""
    with reported():
        check_packages()
        from keras_mtkd import datasets, experiments
        from keras_mtkd.command_line.results import progress, say, show_results

        comparison = experiments.compare(
            partial(datasets.digits, width=_WIDTH),
            methods=_METHODS,
            seeds=range(seeds),
            directory=directory,
            settings=dataclasses.replace(experiments.recipe("digits"), epochs=epochs),
            verbose=progress(verbose),
            workers=_suitable(seeds) if workers is None else workers,
        )
        student = directory / "student.keras"
        shutil.copyfile(directory / "seed0" / _METHODS[-1] / "student.keras", student)
        show_results(comparison, directory)
        say(f"The distilled student, a plain Keras model: {student}")


def _suitable(seeds: int) -> int:
    from keras_mtkd._backend.device import has_accelerator

    # Its memory is for one process.
    return 1 if has_accelerator() else min(os.cpu_count() or 1, seeds)
