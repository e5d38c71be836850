"""Under which settings, with which versions and on which machine."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from keras_mtkd.experiments._registry import METHODS
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.results import Results, titled
from keras_mtkd.experiments.report.tables import Cell, Column, table

_OWN = (
    "Weights and temperature are those that the methods with names take. What {methods} made of "
    "them, or took instead, their own functions decide."
)
_FINGERPRINTS = ("data", "backbone", "tasks", "metrics", "own student")


def facts_section(results: Results) -> Element:
    """Settings that all runs share, and where they were made."""
    parts = []
    if results.comparison.conditions:
        if own := [m for m in results.methods if m != SINGLE and m not in METHODS]:
            parts.append(element("p", _OWN.format(methods=", ".join(map(results.title_of, own)))))
        columns = [Column("Setting", "text", "ascending"), Column("Value", "fixed")]
        conditions = results.comparison.conditions
        rows = [[Cell([_titled(k)]), Cell([_value(v)])] for k, v in conditions.items()]
        parts.append(table("settings-table", "What all runs share", columns, rows))
    parts.append(_environments(results))
    return titled("Settings and environment", "facts", *parts)


def _environments(results: Results) -> Element:
    """One column for every environment that runs were made in."""
    places: dict[str, tuple[Mapping[str, str], list[str]]] = {}
    shown = [(m, seed) for m in results.methods for seed in results.seeds_of(m)]
    for method, seed in shown:
        run = results.comparison.runs.get((method, seed))
        if run is not None and run.environment:
            found = places.setdefault(repr(sorted(run.environment.items())), (run.environment, []))
            found[1].append(f"{results.title_of(method)} {seed}")
    if not places:
        return element("p", "Versions and machine were not kept with these runs.")
    kept = list(places.values())
    missing = len(shown) - sum(len(runs) for _, runs in kept)
    heads = ["all runs"] if len(kept) == 1 and not missing else [", ".join(r) for _, r in kept]
    columns = [Column("What", "text", "ascending"), *(Column(head, "fixed") for head in heads)]
    names = list(dict.fromkeys(name for facts, _ in kept for name in facts))
    rows = [[Cell([name]), *(Cell([facts.get(name, "–")]) for facts, _ in kept)] for name in names]
    caption = "Versions and machine"
    if missing:
        caption += f"; not kept with {missing} of {len(shown)} runs"
    return table("environment-table", caption, columns, rows)


def _titled(name: str) -> str:
    return f"{name}, fingerprint" if name in _FINGERPRINTS else name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {each}" for key, each in value.items())
    return str(value)
