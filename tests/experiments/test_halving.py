"""How many candidates are trained for how long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtkd.experiments.halving import Round, rounds


def test_one_round_or_two():
    assert rounds(6, 30, 90) == [Round(6, 5)]
    assert rounds(6, 60, 180) == [Round(6, 5), Round(2, 15)]
    # Three candidates are not sorted twice.
    assert rounds(3, 60, 180) == [Round(3, 20)]


def test_few_epochs_are_for_the_first_candidates():
    assert rounds(6, 4, 12) == [Round(4, 1)]
    assert rounds(6, 1, 3) == rounds(6, 30, 61) == rounds(1, 30, 90) == rounds(0, 30, 90) == []


@given(st.integers(0, 20), st.integers(1, 300), st.integers(0, 900))
def test_the_budget_is_kept_and_used(candidates, epochs, spare):
    budget = 2 * epochs + spare
    found = rounds(candidates, epochs, budget)
    spent = sum(each.candidates * each.epochs for each in found) + 2 * epochs
    assert spent <= budget
    sizes = [each.candidates for each in found]
    assert sizes == sorted(sizes, reverse=True)
    assert all(each.epochs >= 1 for each in found)
    if found:
        assert budget - spent < sum(sizes) + 1


def test_a_budget_for_less_than_two_trainings_is_refused():
    words = r"60 epochs or more.*Received: budget=50\. With `epochs=16`"
    with pytest.raises(ValueError, match=words):
        rounds(3, 30, 50)
