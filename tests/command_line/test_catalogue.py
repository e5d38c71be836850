"""The file of names and lines."""

from keras_mtkd import experiments
from keras_mtkd.command_line import catalogue


def test_it_knows_every_name_in_order():
    assert catalogue.read().names() == [*experiments.known_methods(), *experiments.METHOD_GROUPS]


def test_what_it_tells_of_a_problem():
    digits = catalogue.read().problems["digits"]
    assert digits.tasks[:2] == ["left", "right"]
    assert digits.recipe.startswith(f"{experiments.recipe('digits').epochs} epochs, rate ")
