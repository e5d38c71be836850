"""Names and lines of methods and problems, kept in a file: to know them needs no Keras.

`make catalogue` writes it, see `write_catalogue.py`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True)
class ProblemLines:
    """What is told of a problem.

    Args:
        summary: What it is.
        needs: What has to be there.
        tasks: Names of its tasks.
        recipe: The settings that `compare` uses.
    """

    summary: str
    needs: str
    tasks: list[str]
    recipe: str


@dataclass(frozen=True)
class Catalogue:
    """What has a name.

    Args:
        methods: `{heading: {name: summary}}`.
        groups: `{name: summary}`.
        problems: `{name: lines}`.
    """

    methods: dict[str, dict[str, str]]
    groups: dict[str, str]
    problems: dict[str, ProblemLines]

    def names(self) -> list[str]:
        """Names of methods and groups, in the order of the lists."""
        return [*(name for family in self.methods.values() for name in family), *self.groups]


def read() -> Catalogue:
    """What the file tells."""
    kept = json.loads(FILE.read_text("utf-8"))
    problems = {name: ProblemLines(**lines) for name, lines in kept["problems"].items()}
    return Catalogue(kept["methods"], kept["groups"], problems)
