"""Weights after a step of a method that looks at gradients beside the weights."""

import numpy as np

FAST = 0.01  # second steps would diverge at the rate above


def weights_after(before, shared, heads, rate=FAST):
    after = {f"head_{t}": before[f"head_{t}"] - rate * g for t, g in heads.items()}
    return {"shared": before["shared"] - rate * shared, **after}


def same(found, expected, **tolerance):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        options = {"rtol": 1e-4, "atol": 1e-5, **tolerance}
        np.testing.assert_allclose(found[name], value, **options, err_msg=name)


def own(found):
    return {task: one["head"] for task, one in found.items()}
