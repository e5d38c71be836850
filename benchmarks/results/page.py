"""Writes `docs/results.md` and its figure from the files of `docs/results`, and nothing else."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.results import (
    compression,
    earlier,
    figure,
    methods,
    of_compression,
    of_methods,
    records,
)
from benchmarks.results.data_sets import DATA_SETS
from benchmarks.results.records import ROOT, Record
from benchmarks.results.tables import number, table

PAGE = ROOT / "docs" / "results.md"
# Which pages this may write over.
MARK = "<!-- Written by `python -m benchmarks.results.page`: change that instead. -->"
_SHARED = ("epochs", "weight", "learning_rate", "adaptor_learning_rate")
_VERSIONS = ("keras_mtkd", "Keras", "backend", "NumPy", "Python", "processor", "devices")


def page(folder: Path = records.FOLDER) -> str | None:
    """The page.

    Args:
        folder: Where the files of numbers are.

    Returns:
        Its text; `None` if there are no files.
    """
    of_data = records.read(methods.EXPERIMENT, DATA_SETS, folder)
    small = records.read(compression.EXPERIMENT, DATA_SETS, folder)
    if not of_data and not small:
        return None
    parts = [
        "# Results",
        MARK,
        "`make results` trains all of this and writes this page from the files of numbers that it "
        "leaves in `docs/results`. No number is typed by hand, and none is left out. A seed sets "
        "the initial weights and the order of the data; all methods of a seed start from the same "
        "weights and the same teachers. The best epoch of every training counts, by validation "
        "data. No setting was searched for this. What was measured before, other things too: "
        "[earlier results](earlier_results.md).",
    ]
    if small:
        parts.append(
            "![Quality of students and teachers against their parameters, a panel a data set]"
            "(images/results.png)\n\nThe students of a data set have one size: their dots stand "
            "beside each other. Whiskers are one standard error."
        )
    if of_data:
        parts.append(of_methods.section(of_data))
    if small:
        parts.append(of_compression.section(small))
    parts.append(_conditions([*of_data.values(), *small.values()]))
    return "\n\n".join(parts) + "\n"


def _conditions(found: Sequence[Record]) -> str:
    rows = []
    for record in found:
        part = record.get("cases", [record])[0]
        told = part["conditions"]
        seeds = len({run["seed"] for run in part["runs"]})
        sizes = ", ".join(number(size, 0) for size in record["samples"].values())
        settings = [_setting(told.get(name)) for name in _SHARED]
        rows.append([record["title"], record["experiment"], sizes, str(seeds), *settings])
    header = ["data set", "experiment", "training, validation, test", "seeds"]
    header += [name.replace("_", " ") for name in _SHARED]
    return (
        "## Conditions\n\nSettings are those of `experiments.Settings`.\n\n"
        f"{table(header, rows)}\n\nMeasured with {_environments(found)}."
    )


def _setting(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_setting(each)}" for name, each in value.items())
    return "" if value is None else f"{value:g}"


def _environments(found: Sequence[Record]) -> str:
    told: list[Mapping[str, Any]] = [
        part["environment"] for record in found for part in record.get("cases", [record])
    ]
    each = {
        ", ".join(f"{name} {there[name]}" for name in _VERSIONS if name in there) for there in told
    }
    return "; ".join(sorted(each))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.results.page", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of the repository")
    given = parser.parse_args(arguments)
    docs = given.root / "docs"
    text, output = page(docs / "results"), docs / "results.md"
    if text is None:
        raise SystemExit(f"There are no files in '{docs / 'results'}': `make results` writes them.")
    if output.exists() and MARK not in output.read_text("utf-8"):
        print(f"The page that was written by hand is now '{earlier.move(given.root)}'.")
    output.write_text(text, encoding="utf-8")
    small = records.read(compression.EXPERIMENT, DATA_SETS, docs / "results")
    figure.save(small, docs / "images" / "results.png")


if __name__ == "__main__":
    main()
