"""The part of the page on small students, few labels and larger teachers."""

import math
from collections.abc import Mapping
from typing import Any

from benchmarks.results.records import SINGLE, Record, comparison_of
from benchmarks.results.tables import number, table, with_error
from keras_mtkd.experiments import Comparison
from keras_mtkd.experiments.evidence import Difference
from keras_mtkd.metrics import relative_changes

PLAIN = "uniform"


def section(records: Mapping[str, Record]) -> str:
    """All tables of compression.

    Args:
        records: `{data set: content of its file}`.
    """
    parts = [
        "## Small students and few labels",
        "Teachers with four times the filters and units of the student, one a task. The student "
        "sees all samples, and of every task's training labels the share of the first column, "
        "drawn anew for every seed; the teachers saw that of the second, and teach on all samples. "
        "A gain is the mean relative change of the tasks' scores on test data over the *same* "
        "student without teachers, in percent, paired by seed: mean ± one standard error. "
        "**Bold**: a clear gain (its 95 % interval leaves 0 out). The last columns are Δ_MTL over "
        "the teachers.",
        *(_of_data_set(record) for record in records.values()),
    ]
    return "\n\n".join(parts)


def gains(comparison: Comparison, method: str) -> Difference:
    """How much better a student is than the same one without teachers, over the seeds.

    Args:
        comparison: The results.
        method: The method.

    Returns:
        The mean relative change of the tasks' scores in percent; NaN where a score of the student
        without teachers is 0, or below it where higher is better, which is no base.
    """
    wide = comparison.scores()[list(comparison.tasks)]
    changes = []
    for seed in sorted({seed for name, seed in comparison.runs if name == method}):
        base, mine = (wide.loc[name, seed].to_dict() for name in (PLAIN, method))
        if all(value > 0 for value in base.values()):
            each = relative_changes(mine, base, comparison.tasks)
            changes.append(sum(each.values()) / len(each))
        else:
            changes.append(math.nan)
    return Difference.of(changes)


def gain_text(gap: Difference) -> str:
    """A gain in a table, bold if it is a clear one."""
    said = with_error(gap.mean, gap.se, signed=True)
    return f"**{said}**" if gap.clear and gap.mean > 0 else said


def best_of(comparison: Comparison) -> str:
    """The student with teachers of the largest mean gain; that without, if there is no other."""
    taught = [name for name in comparison.methods if name not in (SINGLE, PLAIN)]

    def mean(method: str) -> float:
        found = gains(comparison, method).mean
        return found if math.isfinite(found) else -math.inf

    return max(taught, key=mean) if taught else PLAIN


def _of_data_set(record: Record) -> str:
    cases = [(case, comparison_of(record, case)) for case in record["cases"]]
    _, first = cases[0]
    taught = [name for name in first.methods if name not in (SINGLE, PLAIN)]
    rows = [_row(case, comparison, taught) for case, comparison in cases]
    header = ["labels", "of the teachers", *(f"gain: {first.title_of(name)}" for name in taught)]
    header += ["without teachers, over them", "best, over them"]
    return f"### {_heading(record)}\n\n{_size(first)}\n\n{table(header, rows)}"


def _row(case: Mapping[str, Any], comparison: Comparison, taught: list[str]) -> list[str]:
    cells = [f"{number(100 * case[key], 0)} %" for key in ("labels", "labels_of_teachers")]
    cells += [gain_text(gains(comparison, name)) for name in taught]
    over = [comparison.mean_change(name) for name in (PLAIN, best_of(comparison))]
    return [*cells, *(with_error(*each) for each in over)]


def _heading(record: Record) -> str:
    title = str(record["title"])
    return title[:1].upper() + title[1:]


def _size(comparison: Comparison) -> str:
    costs = comparison.costs()
    mine, theirs = costs.loc[PLAIN], costs.loc[SINGLE]
    share = number(100 * mine["parameters"] / theirs["parameters"], 1)
    return (
        f"The student has {number(mine['parameters'], 0)} parameters, {share} % of the "
        f"{number(theirs['parameters'], 0)} of its teachers together, and predicts one sample in "
        f"{number(mine['milliseconds'], 2)} ms, for which they take "
        f"{number(theirs['milliseconds'], 2)} ms."
    )
