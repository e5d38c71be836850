import pytest
from experiments.test_comparison import TestComparison
from matplotlib.figure import Figure

from keras_mtkd.experiments import METHODS, Comparison
from keras_mtkd.plots import plot_comparison


def test_bars_are_the_changes():
    comparison = TestComparison().comparison()
    axes = plot_comparison(comparison)
    heights = [bar.get_height() for bar in axes.containers[-1]]
    assert heights == pytest.approx([0.0, 20.0, 10.0])
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["a", "b", "mean (Δ_MTL)"]


def test_many_methods_are_rows_from_worst_to_best():
    tasks = TestComparison().comparison().tasks
    gains = {method: 0.01 * (place % 7) for place, method in enumerate(METHODS)}
    rows = [
        {"method": method, "seed": seed, "task": task, "metric": metric, "value": value}
        for method, gain in {"single": 0.0, **gains}.items()
        for seed in (0, 1)
        for task, metric, value in (("a", "accuracy", 0.8 * (1 + gain)), ("b", "mae", 0.5))
    ]
    axes = plot_comparison(Comparison(tasks, ("single", *METHODS), rows))
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert sorted(labels) == sorted(method.title for method in METHODS.values())
    means = {bar[0].get_ydata()[0]: bar[0].get_xdata()[0] for bar in axes.containers}
    expected = sorted(50 * gain for gain in gains.values())
    assert [means[place] for place in range(len(METHODS))] == pytest.approx(expected)


def test_a_method_that_diverged_is_the_last_row():
    tasks = TestComparison().comparison().tasks
    methods = ("single", *list(METHODS)[:9])
    rows = [
        {"method": method, "seed": 0, "task": task, "metric": metric, "value": 0.5}
        for method in methods
        for task, metric in (("a", "accuracy"), ("b", "mae"))
    ]
    for row in rows:
        if row["method"] == methods[4]:
            row["value"] = float("nan")
    axes = plot_comparison(Comparison(tasks, methods, rows))
    assert axes.get_yticklabels()[0].get_text() == METHODS[methods[4]].title


def test_axes_can_be_given():
    axes = Figure().subplots()
    assert plot_comparison(TestComparison().comparison(), axes) is axes
