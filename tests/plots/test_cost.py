"""Δ_MTL against size and time."""

import itertools

import numpy as np
import pytest
from experiments.made_up import comparison
from matplotlib.figure import Figure

from keras_mtkd.plots import plot_cost
from keras_mtkd.plots.cost import apart, lanes

CHANGES = {
    "single": [0, 0, 0],
    "uniform": [-9, -8, -7],
    "mtlkd": [-3, -2, -1],
    "scd": [-1, 0.5, 0.5],
}
COSTS = {"single": (51000, 0.9), **dict.fromkeys(["uniform", "mtlkd", "scd"], (8840, 0.3))}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_a_dot_a_method_and_a_diamond_for_the_models_of_one_task():
    axes = plot_cost(comparison(CHANGES, COSTS))
    found = {c.get_label(): c[0] for c in axes.containers}
    where = {name: (line.get_xdata()[0], line.get_ydata()[0]) for name, line in found.items()}
    assert where == {
        "Uniform −8.0 ±0.6": (8840, pytest.approx(-8)),
        "MTLKD −2.0 ±0.6": (8840, pytest.approx(-2)),
        "SCD +0.0 ±0.5": (8840, pytest.approx(0)),
        "single-task models, all together": (51000, pytest.approx(0)),
    }
    assert [line.get_marker() for line in found.values()] == ["o", "o", "o", "D"]
    assert axes.get_title(loc="left") == (
        "One student of 8,840 parameters (17 %), against single-task models of 51,000"
    )
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "8,840", "51,000"]
    assert axes.get_xlabel() == "parameters"


def test_only_a_best_method_is_bold():
    def bold(made):
        axes = plot_cost(made)
        return [t.get_text() for t in axes.texts if t.get_fontweight() == "bold"]

    assert bold(comparison(CHANGES, COSTS)) == ["SCD +0.0 ±0.5"]
    level = {**CHANGES, "mtlkd": [0, 0, 0]}
    assert bold(comparison(level, COSTS)) == []


def test_names_do_not_overlap():
    close = {f"m{number}": [-1 - 0.01 * number] for number in range(14)}
    made = comparison({"single": [0], **close}, dict.fromkeys(["single", *close], (10, 1.0)))
    axes = plot_cost(made)
    axes.figure.canvas.draw()
    boxes = sorted(
        (text.get_window_extent() for text in axes.texts if text.get_text()[0] == "m"),
        key=lambda box: box.y0,
    )
    assert len(boxes) == 14
    assert all(low.y1 <= high.y0 for low, high in itertools.pairwise(boxes))


def test_names_stand_in_the_order_of_their_dots():
    places = apart([1.0, 1.1, 1.2, 5.0, 5.5], 1.0)
    assert np.diff(places) == pytest.approx([1.0, 1.0, 2.65, 1.0])
    assert places[:3] == pytest.approx([0.1, 1.1, 2.1])
    assert apart([], 1.0) == []


def test_times_and_sizes_far_apart():
    axes = plot_cost(comparison(CHANGES, COSTS), "milliseconds")
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "0.3", "0.9"]
    assert axes.get_xscale() == "linear"
    large = {**COSTS, "single": (25e6, 0.9), "scd": (2e6, 0.3)}
    axes = plot_cost(comparison(CHANGES, large, titles={"single": "Teachers"}))
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["8,840", "2.00 M", "25 M"]
    assert "the teachers" in texts(axes)


def test_what_is_not_known_or_diverged_is_left_out():
    made = comparison({**CHANGES, "scd": [np.nan] * 3}, {**COSTS, "uniform": (np.nan, np.nan)})
    assert len(plot_cost(made).containers) == 2
    with pytest.raises(ValueError, match="parameters of these methods are not known.*run it again"):
        plot_cost(comparison(CHANGES))
    with pytest.raises(ValueError, match="'parameters' or 'milliseconds'. Received: cost='size'"):
        plot_cost(made, "size")


def test_axes_can_be_given():
    axes = Figure().subplots()
    assert plot_cost(comparison(CHANGES, COSTS), axes=axes) is axes


def shifts(made):
    axes = plot_cost(made)
    middle = axes.transData.transform((8840, 0))[0]
    dots = [dots[0] for dots in axes.containers if dots[0].get_marker() == "o"]
    places = [dot.get_transform().transform(dot.get_xydata())[0][0] for dot in dots]
    return axes.get_xlabel(), [round(place - middle) for place in places]


def test_dots_of_one_cost_stand_at_it_unless_they_would_overlap():
    assert shifts(comparison(CHANGES, COSTS)) == ("parameters", [0, 0, 0])
    label, moved = shifts(comparison({**CHANGES, "scd": [-2, -2, -1]}, COSTS))
    assert label == "parameters   (a dot beside a line has the cost of the line)"
    assert moved[0] == min(moved) == sorted(moved)[1] == 0 < max(moved)


def test_lanes_are_as_few_as_can_be():
    assert lanes([]) == []
    assert lanes([(0, 1), (2, 3), (4, 5)]) == [0, 0, 0]
    assert lanes([(4, 9), (0, 5), (6, 7), (1, 2)]) == [1, 0, 0, 1]
