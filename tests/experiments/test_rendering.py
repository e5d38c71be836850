import itertools

from keras_mtkd.datasets import digits
from keras_mtkd.experiments import METHODS, Comparison
from keras_mtkd.experiments.rendering import show


def test_no_number_is_cut_in_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    tasks = digits(train_size=64, validation_size=64, test_size=64).tasks
    methods = ("single", *METHODS)
    rows = [
        {"method": m, "seed": seed, "task": t, "metric": task.score, "value": -0.5 - seed}
        for m, seed, (t, task) in itertools.product(methods, (0, 1), tasks.items())
    ]
    show(Comparison(tasks, methods, rows))
    text = capsys.readouterr().out
    assert text.count("-1.000 ±0.500") == len(tasks) * len(methods)
    assert "…" not in text
    assert all(method.title in text for method in METHODS.values())
