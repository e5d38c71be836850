"""Samples without a label, in all that compares tasks by gradients."""

import numpy as np

from keras_mtkd.similarity import gradient_similarity, transference
from similarity.two_regressions import linear_problem


def test_samples_without_label_count_for_no_pair():
    """As if they were not there, whatever stands for their labels."""
    model, losses, x, y, _ = linear_problem()
    labelled = np.arange(len(x)) % 2 == 0
    junk = {task: np.where(labelled[:, None], values, 1e3) for task, values in y.items()}
    weights = {task: labelled.astype("float32") for task in y}
    found = gradient_similarity(model, losses, (x, junk, weights))
    part = x[labelled], {task: values[labelled] for task, values in y.items()}
    np.testing.assert_allclose(found, gradient_similarity(model, losses, part), rtol=1e-4)
    # Losses are means over all samples: a step of the same gradient is half as long.
    found = transference(model, losses, (x, junk, weights), learning_rate=0.05)
    wanted = transference(model, losses, part, learning_rate=0.025)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-6)
    none = {"u": weights["u"], "v": np.zeros(len(x), "float32")}
    np.testing.assert_array_equal(transference(model, losses, (x, junk, none))[:, 1], 0.0)
