"""What all methods have, and how states of several are kept in one."""

import numpy as np
from keras import ops

from keras_mtkd.balancing.base import Method, all_finite, as_part, new_if, of_part


class Mine(Method):
    def __init__(self, rate=1.0, kind="slow"):
        self.rate, self.kind = rate, kind

    def get_config(self):
        return {"rate": self.rate, "kind": self.kind}


def test_a_method_is_made_again_from_its_config_and_shows_it():
    again = Mine.from_config(Mine(0.5).get_config())
    assert again.rate == 0.5
    assert repr(again) == "Mine(rate=0.5, kind='slow')"
    assert repr(Method()) == "Method()"


def test_a_method_remembers_nothing_and_is_published_unless_it_says_so():
    assert Method().initial_state(3) == {}
    assert not Method.reconstructed
    assert Method.levels[0] == "representation"


def test_what_is_finite():
    good = ops.convert_to_tensor([1.0, -2.0])
    assert bool(all_finite(good, None, good))
    assert bool(all_finite())
    for value in (np.inf, -np.inf, np.nan):
        assert not bool(all_finite(good, ops.convert_to_tensor([1.0, value])))


def test_states_of_parts_are_kept_apart():
    one, other = {"mean": 1, "1_steps": 2}, {"mean": 3}
    both = as_part(1, one) | as_part(11, other)
    assert both == {"1_mean": 1, "1_1_steps": 2, "11_mean": 3}
    assert of_part(1, both) == one
    assert of_part(11, both) == other
    assert of_part(2, both) == {}


def test_a_state_is_the_new_one_where_the_condition_holds():
    new, old = {"a": ops.ones(2)}, {"a": ops.zeros(2)}
    np.testing.assert_array_equal(new_if(ops.convert_to_tensor(True), new, old)["a"], [1, 1])
    np.testing.assert_array_equal(new_if(ops.convert_to_tensor(False), new, old)["a"], [0, 0])
