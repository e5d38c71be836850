"""The lists of methods and problems: whole, narrow, and with a word of what each is for."""

import re

import pytest

from command_line.running import run
from keras_mtkd import experiments
from keras_mtkd.datasets import loading
from keras_mtkd.experiments.methods import families


@pytest.fixture(scope="module")
def listed():
    return {name: run(name).output.splitlines() for name in ("methods", "problems")}


@pytest.mark.parametrize("name", ["methods", "problems"])
def test_lines_fit_80_columns(listed, name):
    assert max(map(len, listed[name])) <= 80


def test_every_method_has_a_line_under_a_heading(listed):
    lines = [line.split() for line in listed["methods"] if line.startswith("  ")]
    assert [line[0] for line in lines] == [
        *experiments.known_methods(),
        *experiments.METHOD_GROUPS,
    ]
    assert min(map(len, lines)) >= 6
    headings = [line for line in listed["methods"] if line and not line.startswith(" ")]
    assert headings[:-1] == list(families())
    # What they are, and what for.
    assert all(re.fullmatch(r"[A-Z][^:]+: [^:]{20,}", heading) for heading in headings)


def test_groups_say_how_many_methods_they_stand_for(listed):
    for name, group in experiments.METHOD_GROUPS.items():
        (line,) = (line for line in listed["methods"] if line.split()[:1] == [name])
        assert f"the {len(group)} methods {group[0]} to {group[-1]}" in line


def test_every_problem_has_a_line_and_all_that_belongs_to_it(listed):
    blocks = "\n".join(listed["problems"]).split("\n\n")
    assert [block.split()[0] for block in blocks] == loading.listed()
    for block in blocks:
        first, *more = block.splitlines()
        assert len(first.split()) > 3
        assert [line.split()[0] for line in more if line[2] != " "] == [
            "Needs:",
            "Tasks:",
            "Recipe:",
        ]
    # Names with hyphens stand in one line.
    assert "NR-PPAR-gamma," in "\n".join(listed["problems"])
    rooms = experiments.recipe("rooms")
    (block,) = (block for block in blocks if block.startswith("rooms "))
    assert f"{rooms.epochs} epochs" in block
    assert "2 for normal" in block
