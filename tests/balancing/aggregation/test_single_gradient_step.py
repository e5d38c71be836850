import pytest
from balancing.linear_problem import data, gradients, step
from balancing.parameter_steps import FAST, own, same, weights_after

from keras_mtkd.balancing import SingleGradientStep


class TestSingleGradientStep:
    @pytest.mark.parametrize("head_rate", [None, 0.0])
    def test_two_explicit_phases(self, head_rate):
        method = SingleGradientStep(rate=FAST, head_rate=head_rate)
        _, before, after, _ = step(method, rate=FAST)
        x, y = data()
        # Heads first, while what is shared stays.
        heads = weights_after(before, 0.0, own(gradients(before, x, y)))
        ahead = heads if head_rate is None else before
        # Then every task on its own, from there.
        found, update = gradients(ahead, x, y), 0.0
        for task, one in found.items():
            stepped = {**ahead, "shared": ahead["shared"] - FAST * one["shared"]}
            update = update + gradients(stepped, x, y)[task]["shared"]
        same(after, {**heads, "shared": before["shared"] - FAST * update})
