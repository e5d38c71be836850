"""Writes the file that the lists are read from: `make catalogue`."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from keras_mtkd.command_line.catalogue import FILE, Catalogue, ProblemLines
from keras_mtkd.datasets.loading import PROBLEMS, listed
from keras_mtkd.experiments import METHOD_GROUPS, Settings, recipe
from keras_mtkd.experiments.methods import families


def made() -> Catalogue:
    """What the registries hold."""
    groups = {
        name: f"Short for the {len(group)} methods {group[0]} to {group[-1]}."
        for name, group in METHOD_GROUPS.items()
    }
    return Catalogue(families(), groups, {name: _lines(name) for name in listed()})


def as_text(catalogue: Catalogue) -> str:
    """What the file holds."""
    return json.dumps(asdict(catalogue), indent=1, ensure_ascii=False) + "\n"


def _lines(name: str) -> ProblemLines:
    problem = PROBLEMS[name]
    return ProblemLines(problem.summary, problem.needs, list(problem.tasks), _told(recipe(name)))


def _told(settings: Settings) -> str:
    weight = settings.weight
    weights = (
        ", ".join(f"{value:g} for {task}" for task, value in weight.items())
        if isinstance(weight, Mapping)
        else f"{weight:g}"
    )
    return (
        f"{settings.epochs} epochs, rate {settings.learning_rate:g}, adaptors' rate "
        f"{settings.adaptor_learning_rate:g}, weight {weights}"
    )


if __name__ == "__main__":
    FILE.write_text(as_text(made()), "utf-8")
