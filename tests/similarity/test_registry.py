"""Measures by name."""

import numpy as np

from keras_mtkd.similarity import _registry, linear_cka


def test_a_measure_enters_itself_with_what_it_is_called_with(monkeypatch):
    monkeypatch.setattr(_registry, "MEASURES", {})

    def mine(x, y, power=1):
        return float(np.sum(x * y) ** power)

    assert _registry.register("mine")(mine) is mine
    assert _registry.register("squared", power=2)(mine) is mine
    one, two = np.array([1.0, 2.0]), np.array([3.0, 1.0])
    assert {name: kept(one, two) for name, kept in _registry.MEASURES.items()} == {
        "mine": 5.0,
        "squared": 25.0,
    }


def test_a_measure_may_have_a_name_with_other_arguments():
    assert _registry.MEASURES["cka"] is linear_cka
    assert _registry.MEASURES["cka-debiased"].keywords == {"debiased": True}
