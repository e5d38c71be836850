"""The automatic choice among the methods with names."""

from keras_mtkd.experiments import METHODS
from keras_mtkd.experiments.auto_method import CANDIDATES


def test_it_tries_what_it_says():
    assert list(METHODS["auto"].members()) == ["uniform", *CANDIDATES]
