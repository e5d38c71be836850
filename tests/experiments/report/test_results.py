"""Numbers of a comparison, in the order of the page."""

import numpy as np
import pytest

from experiments.reports import EVIL, LONG, METHODS, made_up
from keras_mtkd.experiments import Comparison
from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.results import Results, titled
from keras_mtkd.metrics.delta_mtl import DELTA


@pytest.fixture(scope="module")
def results():
    return Results(made_up())


def test_scores_and_changes_a_seed(results):
    np.testing.assert_allclose(results.score("scd", EVIL), [0.88, 0.72])
    # Against single-task means of 0.8 and 0.5, the second of which is better where it is lower.
    np.testing.assert_allclose(results.change("scd", EVIL), [10.0, -10.0])
    np.testing.assert_allclose(results.change("scd", LONG), [10.0, 30.0])
    np.testing.assert_allclose(results.change("scd", DELTA), [10.0, 10.0])
    assert results.seeds == results.seeds_of("scd") == [0, 1]


def test_the_first_is_a_multi_task_method(results):
    assert results.first() == "scd"
    made = made_up()
    rows = made.table.to_dict("records")
    assert Results(Comparison(made.tasks, ["single"], rows)).first() is None


def test_colours_differ_and_come_round_with_dashes(results):
    assert [results.colour(method) for method in METHODS] == [
        "single",
        "colour0",
        "colour1",
        "colour2",
    ]
    results.methods, shown = ["single", *map(str, range(20))], results.methods
    try:
        found = [results.colour(str(number)) for number in range(18)]
        assert len(set(found)) == 18
        assert found[6] == "colour0 dash1"
        assert results.colour("18") == found[0]
    finally:
        results.methods = shown


def test_a_name_is_sorted_by_its_title(results):
    cell = results.name("mtlkd")
    assert cell.value == "MTLKD"
    swatch, title = cell.content[0]
    assert title.text == "MTLKD"
    assert swatch.get("class") == "swatch colour1"


def test_a_section_is_named_by_its_heading():
    section = titled("A title", "place", element("p", "text"))
    assert section.get("aria-labelledby") == section[0].get("id") == "place"
    assert [part.text for part in section] == ["A title", "text"]
