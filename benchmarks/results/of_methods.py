"""The part of the page that compares methods."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.results.records import SINGLE, Record, comparison_of
from benchmarks.results.tables import listed, number, table, with_error
from keras_mtkd.experiments import Comparison

PLAIN, MTLKD, AUTO = "uniform", "mtlkd", "auto"
# In points of Δ_MTL.
_HARM = 1.0

Compared = Mapping[str, Comparison]


def section(records: Mapping[str, Record]) -> str:
    """All tables of methods.

    Args:
        records: `{data set: content of its file}`.
    """
    compared = {record["title"]: comparison_of(record) for record in records.values()}
    parts = [
        "## Methods",
        "Δ_MTL on test data over single-task models, in percent: mean ± one standard error over "
        f"{_seeds(compared.values())}. **Bold**: the largest mean. ≈: the seeds do not tell it "
        "from the largest (the 95 % interval of the difference, paired by seed, has 0 in it). What "
        "the methods are: [decision guide](decision.md).",
        _changes(compared),
        _wins(compared),
        _harm(compared),
        _automatic(compared),
        _sizes(compared),
        _times(compared),
    ]
    return "\n\n".join(part for part in parts if part)


def _seeds(compared: Iterable[Comparison]) -> str:
    counts = sorted({len({seed for _, seed in each.runs}) for each in compared})
    return "one seed" if counts == [1] else f"{listed([str(count) for count in counts])} seeds"


def _methods(compared: Compared) -> list[str]:
    """All methods, in the order of the first data set that has them."""
    return list(dict.fromkeys(name for each in compared.values() for name in each.methods))


def _title(compared: Compared, method: str) -> str:
    return next(each.title_of(method) for each in compared.values() if method in each.methods)


def _mean(comparison: Comparison, method: str) -> float:
    mean, _ = comparison.mean_change(method)
    return mean if math.isfinite(mean) else -math.inf


def best_in_hindsight(comparison: Comparison, without: Sequence[str] = ()) -> str:
    """The student with the largest mean Δ_MTL on test data.

    Args:
        comparison: The results.
        without: Methods that do not count.
    """
    students = [name for name in comparison.methods if name not in (SINGLE, *without)]
    return max(students, key=lambda method: _mean(comparison, method))


def _changes(compared: Compared) -> str:
    best = {title: best_in_hindsight(each) for title, each in compared.items()}
    rows = []
    for method in _methods(compared):
        cells = [_title(compared, method)]
        for title, each in compared.items():
            cells.append(_change(each, method, best[title]))
        rows.append(cells)
    return table(["method", *compared], rows)


def _change(comparison: Comparison, method: str, best: str) -> str:
    if method not in comparison.methods:
        return ""
    said = with_error(*comparison.mean_change(method))
    if method == best:
        return f"**{said}**"
    if method == SINGLE or said == "–" or comparison.difference(best, method).clear:
        return said
    return f"≈ {said}"


def _others(compared: Compared) -> list[str]:
    return [name for name in _methods(compared) if name not in (SINGLE, PLAIN)]


def _wins(compared: Compared) -> str:
    rows = []
    for method in _others(compared):
        cells = [_title(compared, method)]
        for each in compared.values():
            against = [
                f"{gap.wins}/{gap.seeds}"
                for base in (PLAIN, MTLKD)
                if {method, base} <= set(each.methods) and base != method
                for gap in [each.difference(method, base)]
            ]
            cells.append(", ".join(against))
        rows.append(cells)
    if not rows:
        return ""
    return (
        "### Seed by seed\n\nIn how many seeds a method is ahead of plain training, and of MTLKD."
        f"\n\n{table(['method', *compared], rows)}"
    )


def harms(comparison: Comparison) -> list[str]:
    """The methods that are worse than what one would have taken otherwise.

    Their mean difference to the better of plain training and MTLKD is below −1 point by more than
    its standard error.
    """
    bases = [name for name in (PLAIN, MTLKD) if name in comparison.methods]
    if not bases:
        return []
    base = max(bases, key=lambda method: _mean(comparison, method))
    found = []
    for method in comparison.methods:
        if method in (SINGLE, base):
            continue
        gap = comparison.difference(method, base)
        fell_apart = not math.isfinite(gap.mean)
        if fell_apart or gap.mean + (gap.se if math.isfinite(gap.se) else 0.0) < -_HARM:
            found.append(method)
    return found


def _harm(compared: Compared) -> str:
    where: dict[str, list[str]] = {name: [] for name in [PLAIN, *_others(compared)]}
    for title, each in compared.items():
        for method in harms(each):
            where[method].append(title)
    rows = [
        [_title(compared, method), str(len(titles)), ", ".join(titles)]
        for method, titles in where.items()
        if method in _methods(compared)
    ]
    return (
        "### Harm\n\nData sets on which a method is worse than the better of plain training and "
        f"MTLKD: its mean difference is below −{number(_HARM, 0)} point by more than its standard "
        f"error.\n\n{table(['method', f'of {len(compared)}', 'which'], rows)}"
    )


def _automatic(compared: Compared) -> str:
    rows = []
    for title, each in compared.items():
        if AUTO not in each.methods or len(each.methods) < 3:
            continue
        best = best_in_hindsight(each, without=[AUTO])
        gap = each.difference(AUTO, best)
        chosen = Counter(
            run.choice["method"]
            for (method, _), run in each.runs.items()
            if method == AUTO and run.choice
        )
        told = ", ".join(f"{each.title_of(name)} {count}" for name, count in chosen.most_common())
        cells = [title, told, each.title_of(best), with_error(gap.mean, gap.se, signed=True)]
        rows.append(cells)
    if not rows:
        return ""
    header = ["data set", "chosen, times", "best in hindsight", "distance to it"]
    return (
        "### The automatic choice\n\n[It](choose.md) decides seed by seed, on validation data. The "
        "best in hindsight is the other method with the largest mean on test data, which nobody "
        f"knows before.\n\n{table(header, rows)}"
    )


def _sizes(compared: Compared) -> str:
    rows = []
    for title, each in compared.items():
        costs = each.costs()
        mine, theirs = costs.loc[best_in_hindsight(each)], costs.loc[SINGLE]
        cells = [title]
        for key, digits in (("parameters", 0), ("milliseconds", 2)):
            cells += [number(mine[key], digits), number(theirs[key], digits)]
            share = 100 * mine[key] / theirs[key]
            cells.append(f"{number(share, 0)} %" if math.isfinite(share) else "–")
        rows.append(cells)
    header = ["data set", "parameters", "single-task models", "share"]
    header += ["ms a prediction", "single-task models", "share"]
    return (
        "### What a student costs\n\nThe student of the best method beside all single-task models "
        "together. One sample is predicted at a time, so that small models take what a call takes."
        f"\n\n{table(header, rows)}"
    )


def training_ratio(comparison: Comparison, method: str) -> float:
    """How many times as long as plain training a method trained, the median over seeds.

    Of the automatic choice it is the time of all that it tried, by the epochs of the trials and
    the times of whole trainings.
    """
    ratios = []
    for (name, seed), run in comparison.runs.items():
        if name != method:
            continue
        plain = _seconds(comparison, PLAIN, seed)
        took = _seconds(comparison, method, seed)
        if run.choice is not None:
            trials = run.choice["trials"]
            whole = max(trial["epochs"] for trial in trials)
            took = sum(
                trial["epochs"] / whole * _seconds(comparison, name, seed)
                for trial in trials
                for name in trial["changes"]
            )
        ratios.append(took / plain)
    return statistics.median(ratios) if ratios else math.nan


def _seconds(comparison: Comparison, method: str, seed: int) -> float:
    run = comparison.runs.get((method, seed))
    return math.nan if run is None or run.seconds is None else run.seconds


def _times(compared: Compared) -> str:
    rows = []
    for method in _others(compared):
        cells = [_title(compared, method)]
        for each in compared.values():
            has = {method, PLAIN} <= set(each.methods)
            cells.append(number(training_ratio(each, method)) if has else "")
        rows.append(cells)
    if not rows:
        return ""
    return (
        "### What training costs\n\nTime of training the student, in times of plain training, the "
        "median over seeds, without the teachers. That of the automatic choice is reckoned from "
        f"the epochs that it spent.\n\n{table(['method', *compared], rows)}"
    )
