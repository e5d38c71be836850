import itertools

import pytest

from keras_mtkd.datasets import digits
from keras_mtkd.experiments import METHODS, Comparison
from keras_mtkd.experiments.rendering import as_text, show


def comparison(methods, seeds=(0, 1), start=0.5):
    tasks = digits(train_size=64, validation_size=64, test_size=64).tasks
    rows = [
        {"method": m, "seed": seed, "task": t, "metric": task.score, "value": start + seed / 4}
        for m, seed, (t, task) in itertools.product(methods, seeds, tasks.items())
    ]
    return Comparison(tasks, methods, rows)


def test_no_number_is_cut_in_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    methods = ("single", *METHODS)
    made = comparison(methods, start=-1.125)
    show(made)
    text = capsys.readouterr().out
    assert text.count("-1.000 ±0.125") == len(made.tasks) * len(methods)
    assert "…" not in text
    assert all(method.title in text for method in METHODS.values())
    # A name and a number.
    longest = max(len(method.title) for method in METHODS.values())
    assert max(map(len, text.splitlines())) == longest + 2 + len("-1.000 ±0.125")


@pytest.mark.parametrize("count", [2, 4, 6, 30])
def test_80_columns_are_enough(count):
    methods = ("single", *METHODS)[:count]
    text = as_text(comparison(methods))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert text.count("0.625 ±0.125") == 6 * count
    assert lines[0] == "Mean ± standard error over 2 seeds"


def test_four_methods_on_six_tasks_are_one_table():
    text = as_text(comparison(("single", "uniform", "mtlkd", "scd")))
    assert text.count("sum, r2 ↑") == text.count("Δ_MTL") == text.count("SCD") == 1


def test_what_does_not_fit_comes_below_with_the_names_of_the_rows():
    text = as_text(comparison(("single", "uniform", "mtlkd", "mtlkd-fill", "scd")))
    above, below = text.rstrip().split("\n\n")
    assert [line.split(",")[0] for line in above.splitlines()[-7:]] == [
        line.split(",")[0] for line in below.splitlines()[-7:]
    ]
    assert "Single" in above
    assert "SCD" in below
    # A long head takes two lines.
    assert any(line.endswith("MTLKD, all") for line in above.splitlines())


def test_one_seed_has_no_error():
    text = as_text(comparison(("single", "uniform"), seeds=(0,)))
    assert text.startswith("One seed\n")
    assert "±" not in text
