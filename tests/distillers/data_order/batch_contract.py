"""What batches of arrays promise, whoever makes them."""

import numpy as np

from keras_mtkd.distillers.data_order.passes import DataOrder, Passes

ROWS = np.arange(6)
CASES = [(2, None), (4, None), (4, 1), (10, None)]


def assert_holds_samples_together(make, size, steps):
    """Every epoch has the rows of its passes, the same ones in all arrays.

    Args:
        make: From arrays and passes to batches.
        size: Rows a batch.
        steps: Steps an epoch.
    """
    arrays = ({"x": ROWS, "more": [ROWS * 2]}, {"a": ROWS * 3}, {"a": ROWS * 4.0})
    order = DataOrder(5)
    passes = Passes(order, 6, size, steps)
    data = make(arrays, passes)
    for order.epoch in (0, 3, 1):
        seen = list(data)
        assert len(seen) == passes.steps
        for step, (x, y, weight) in enumerate(seen):
            rows = passes.of_step(step)
            np.testing.assert_array_equal(x["x"], rows)
            np.testing.assert_array_equal(x["more"][0], rows * 2)
            np.testing.assert_array_equal(y["a"], rows * 3)
            np.testing.assert_array_equal(weight["a"], rows * 4.0)
