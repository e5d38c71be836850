"""What is kept of an experiment: a small file of numbers, from which the page is written.

A file `docs/results/<data set>-<experiment>.json` has what all its runs have in common, and one or
several comparisons, each with the scores of every method, seed and task.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from keras_mtkd import Problem, Task
from keras_mtkd.experiments import Comparison
from keras_mtkd.experiments.cost import Cost
from keras_mtkd.experiments.run import Run

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "results"
# Of the files: another number says that a page of this version cannot be made of them.
FORMAT = 1
SINGLE = "single"
# What says nothing to a reader.
_HASHES = ("backbone", "data", "metrics", "own teachers", "tasks")
_PARTS = ("train", "validation", "test")

Record = dict[str, Any]


def described(name: str, title: str, experiment: str, problem: Problem) -> Record:
    """What a file begins with.

    Args:
        name: Name of the data set.
        title: Its title.
        experiment: Name of the experiment.
        problem: The problem.
    """
    return {
        "format": FORMAT,
        "data_set": name,
        "title": title,
        "experiment": experiment,
        "samples": {part: getattr(problem, part).samples for part in _PARTS},
        "tasks": {
            task.name: {"score": task.score, "higher_is_better": task.higher_is_better}
            for task in problem.tasks.values()
        },
    }


def noted(comparisons: Iterable[Comparison]) -> Record:
    """What is kept of comparisons of the same methods on different seeds.

    Args:
        comparisons: One or several.
    """
    runs: list[Record] = []
    for comparison in comparisons:
        scores = comparison.scores()
        for (method, seed), run in comparison.runs.items():
            if method not in comparison.methods:
                continue
            found = {task: _value(scores.loc[method, seed][task]) for task in comparison.tasks}
            runs.append({"method": method, "seed": int(seed), "scores": found, **_of(run)})
        kept = {
            "methods": {name: comparison.title_of(name) for name in comparison.methods},
            "conditions": {
                key: _plain(value)
                for key, value in comparison.conditions.items()
                if key not in _HASHES
            },
            "costs": _costs(comparison),
        }
    environments = [run.environment for run in comparison.runs.values() if run.environment]
    where = {key: told for key, told in next(iter(environments), {}).items() if key != "system"}
    return {**kept, "environment": where, "runs": runs}


def _of(run: Run) -> Record:
    told = {
        "seconds": _value(run.seconds),
        "best_epoch": run.best_epoch,
        "parameters": run.parameters,
        "change": _value(run.change),
    }
    return told if run.choice is None else {**told, "choice": run.choice}


def _costs(comparison: Comparison) -> Record:
    frame = comparison.costs()
    return {
        name: {key: _value(value) for key, value in row.items()}
        for name, row in frame.to_dict("index").items()
    }


def _value(value: Any) -> float | None:
    """A number that JSON can hold, rounded beyond what any table shows."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), 6)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def comparison_of(record: Mapping[str, Any], part: Mapping[str, Any] | None = None) -> Comparison:
    """The comparison whose results were kept.

    Args:
        record: A file's content.
        part: One of its comparisons; by default the file itself is one.
    """
    part = record if part is None else part
    tasks = {
        name: Task(name, None, "mse", [told["score"]], higher_is_better=told["higher_is_better"])  # type: ignore[arg-type]
        for name, told in record["tasks"].items()
    }
    rows = [
        {
            "method": run["method"],
            "seed": run["seed"],
            "task": task,
            "metric": record["tasks"][task]["score"],
            "value": math.nan if value is None else value,
        }
        for run in part["runs"]
        for task, value in run["scores"].items()
    ]
    runs = {(run["method"], run["seed"]): Run.from_dict(run) for run in part["runs"]}
    costs = {
        name: Cost(int(told["parameters"]), [told["milliseconds"]])
        for name, told in part["costs"].items()
        if told["parameters"] is not None and told["milliseconds"] is not None
    }
    return Comparison(
        tasks,
        list(part["methods"]),
        rows,
        runs,
        part["conditions"],
        part["methods"],
        costs,
    )


def write(record: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write a file, whole or not at all.

    Args:
        record: Its content.
        folder: Where.

    Returns:
        The file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record['data_set']}-{record['experiment']}.json"
    partial = path.with_suffix(".partial")
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    partial.write_text(text + "\n", encoding="utf-8")
    os.replace(partial, path)
    return path


def read(experiment: str, names: Iterable[str], folder: Path = FOLDER) -> dict[str, Record]:
    """The files of an experiment that are there, `{data set: content}`.

    Args:
        experiment: Name of the experiment.
        names: Names of the data sets, in the order of tables.
        folder: Where.

    Raises:
        ValueError: If a file has another format.
    """
    found: dict[str, Record] = {}
    for name in names:
        path = folder / f"{name}-{experiment}.json"
        if not path.exists():
            continue
        found[name] = json.loads(path.read_text(encoding="utf-8"))
        if found[name].get("format") != FORMAT:
            raise ValueError(
                f"'{path}' must have the format {FORMAT}. Received: {found[name].get('format')}. "
                "Make it again: `make results`."
            )
    return found
