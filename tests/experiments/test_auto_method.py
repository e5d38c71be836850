"""The automatic choice as a method."""

from dataclasses import replace

import pytest

from keras_mtkd.experiments import METHODS, Method, Settings
from keras_mtkd.experiments.auto_method import AutoMethod, automatic


def test_the_known_one_trains_plainly_and_what_its_candidates_say():
    auto = METHODS["auto"]
    assert isinstance(auto, AutoMethod)
    assert next(iter(auto.members())) == "uniform"
    others = len(auto.members()) - 1
    assert auto.trainings(Settings(epochs=30)) == 2 + others
    assert auto.trainings(Settings(epochs=1)) == 2


def test_a_budget_of_its_own():
    mine = automatic(["mtlkd", "scd"], budget=24)
    settings = Settings(epochs=10)
    assert [job.epochs for job in next(mine.choosing(3, settings))] == [2, 2]
    assert mine.trainings(settings) == 4
    with pytest.raises(ValueError, match="`budget` must be 40 epochs or more"):
        mine.trainings(replace(settings, epochs=20))


def test_wrong_candidates_are_refused():
    with pytest.raises(ValueError, match="`candidates`: There is no method 'mtlk'"):
        automatic(["mtlk"]).members()
    twins = [Method("Mine", lambda p, s: [], settings={"weight": w}) for w in (1.0, 2.0)]
    with pytest.raises(ValueError, match="Two candidates are called 'mine'"):
        automatic(twins).members()
