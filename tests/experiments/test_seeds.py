"""The seeds of a comparison."""

import numpy as np
import pytest

from keras_mtkd.experiments import compare
from keras_mtkd.experiments.seeds import listed_seeds


@pytest.mark.parametrize(
    "given",
    [[0, 1], range(2), np.arange(2), iter([0, 1]), {0: 1, 1: 1}],
    ids=["list", "range", "array", "iterator", "dict"],
)
def test_seeds_become_whole_numbers_of_python(given):
    found = listed_seeds(given)
    assert found == [0, 1]
    assert {type(seed) for seed in found} == {int}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (2, r"seeds=2. Pass `seeds=range\(2\)` for 2 seeds, `seeds=\[2\]` for this one"),
        (0, r"seeds=0. Pass `seeds=range\(3\)`"),
        (None, r"seeds=None. Pass `seeds=range\(3\)`"),
        ("01", "whole numbers.*Received: '0' of type str"),
        ([0.5], "whole numbers.*Received: 0.5 of type float"),
    ],
)
def test_what_are_no_seeds_is_refused(given, message):
    with pytest.raises(TypeError, match=message):
        compare(None, seeds=given)
