"""Lines on what balancing is for."""

from keras_mtkd.balancing.registry import METHODS as KNOWN
from keras_mtkd.experiments.balancing_methods import BALANCING_METHODS
from keras_mtkd.experiments.balancing_purposes import PURPOSES


def test_each_is_of_a_method_that_is_compared_and_shown_there():
    assert PURPOSES.keys() <= KNOWN.keys() & BALANCING_METHODS.keys()
    assert all(BALANCING_METHODS[name].summary == line for name, line in PURPOSES.items())


def test_each_is_a_sentence_of_its_own():
    assert len(set(PURPOSES.values())) == len(PURPOSES)
    for line in PURPOSES.values():
        assert line[0].isupper(), line
        assert line.endswith("."), line


def test_reconstructions_say_so():
    for name, line in PURPOSES.items():
        assert ("reconstruction" in line) == KNOWN[name].reconstructed, name
