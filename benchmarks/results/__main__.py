"""Trains the whole table and writes its numbers into `docs/results`.

What is there already is not trained again, so that a run that was interrupted goes on.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from benchmarks.results import compression, methods, records
from benchmarks.results.data_sets import DATA_SETS, DataSet


def experiments_of(data_set: DataSet) -> list[ModuleType]:
    """The experiments that a data set has a part in."""
    return [methods, compression] if data_set.larger else [methods]


def hours(names: Sequence[str], workers: int) -> str:
    """A table of what takes how long, as measured on two cores."""
    lines, total = [], 0.0
    for name in names:
        each = DATA_SETS[name]
        for experiment in experiments_of(each):
            took = experiment.seconds(each) / workers / 3600
            total += took
            lines.append(f"{name:20}{experiment.EXPERIMENT:14}{took:6.1f} hours")
    return "\n".join([*lines, f"{'all':34}{total:6.1f} hours, {workers} trainings at a time"])


def run(
    names: Sequence[str], data: Path | None, directory: Path, workers: int, folder: Path
) -> list[str]:
    """Train, and write a file after every experiment.

    Args:
        names: Names of data sets.
        data: Folder with the folders of data, or `None`.
        directory: Where students and teachers are kept.
        workers: Processes that train side by side.
        folder: Where the files of numbers go.

    Returns:
        The names of the data sets that were left out, since their data is not there.
    """
    left_out = []
    for name in names:
        each = DATA_SETS[name]
        try:
            each.problem(data)
        except (OSError, ImportError) as error:
            print(f"{name} is left out: {error}", flush=True)
            left_out.append(name)
            continue
        for experiment in experiments_of(each):
            print(f"{name}, {experiment.EXPERIMENT}", flush=True)
            records.write(experiment.run(each, data, directory, workers), folder)
    return left_out


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.results", description=__doc__)
    parser.add_argument(
        "--only", choices=DATA_SETS, nargs="+", default=list(DATA_SETS), metavar="NAME"
    )
    parser.add_argument("--workers", type=int, default=2, help="trainings at a time")
    parser.add_argument("--data", type=Path, help="folder with folders of data sets")
    parser.add_argument("--directory", type=Path, default=Path("runs/results"))
    parser.add_argument("--output", type=Path, default=records.FOLDER)
    parser.add_argument("--hours", action="store_true", help="only say how long it takes")
    given = parser.parse_args(arguments)
    print(hours(given.only, given.workers), flush=True)
    if not given.hours:
        run(given.only, given.data, given.directory, given.workers, given.output)


if __name__ == "__main__":
    main()
