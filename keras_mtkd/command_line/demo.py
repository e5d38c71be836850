"""`keras-mtkd demo`."""

import shutil
from pathlib import Path

from keras_mtkd.command_line.needed import check_packages
from keras_mtkd.command_line.options import Directory, Epochs, Seeds, Verbose
from keras_mtkd.command_line.reporting import reported


def demo(
    directory: Directory = Path("runs/demo"),
    epochs: Epochs = 30,
    seeds: Seeds = 2,
    verbose: Verbose = True,
) -> None:
    """Distil six teachers into one student on pairs of scanned digits, and compare."""
    with reported():
        check_packages()
        from keras_mtkd import datasets, experiments
        from keras_mtkd.command_line.results import progress, say, show_results

        comparison = experiments.compare(
            datasets.digits(),
            methods=("single", "uniform", "mtlkd"),
            seeds=range(seeds),
            directory=directory,
            settings=experiments.Settings(epochs=epochs),
            verbose=progress(verbose),
        )
        student = directory / "student.keras"
        shutil.copyfile(directory / "seed0" / "mtlkd" / "student.keras", student)
        show_results(comparison, directory)
        say(f"The distilled student, a plain Keras model: {student}")
