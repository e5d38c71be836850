"""Weights against LibMTL's on the same losses (`fixtures/libmtl.json` says how made)."""

import json
from pathlib import Path

import numpy as np
import pytest
from gradient_sets import gram_of, step_of
from keras import ops
from loss_sets import after_epochs, start, step

from keras_mtkd import balancing
from keras_mtkd._backend.autodiff import compiled_gradient

FIXTURE = Path(__file__).parent / "fixtures" / "libmtl.json"
PUBLISHED = json.loads(FIXTURE.read_text("utf-8"))


def test_dynamic_average_is_the_published_one():
    case = PUBLISHED["dwa"]
    weights, _ = after_epochs(balancing.DWA(), [[values] for values in case["epochs"]])
    np.testing.assert_allclose(weights, case["weights"], rtol=1e-5)


def test_geometric_mean_is_the_published_one():
    case = PUBLISHED["gls"]
    weights = balancing.GLS().weights(np.array(case["losses"]))
    np.testing.assert_allclose(weights, case["weights"], rtol=1e-5)


def test_uncertainty_is_the_published_one():
    case, method = PUBLISHED["uncertainty"], balancing.UncertaintyWeights()
    state, values = start(method), np.array(case["losses"], "float32")
    np.testing.assert_allclose(method.weights(values), case["weights"], rtol=1e-5)

    def objective(learned):
        weights, new = method.step(values, {**state, "log_variances": learned})
        return ops.sum(weights * values) + method.penalty(new)

    slopes = compiled_gradient(objective)(ops.convert_to_tensor(state["log_variances"]))
    np.testing.assert_allclose(ops.convert_to_numpy(slopes), case["slopes"], rtol=1e-5)


@pytest.mark.parametrize("mu", [1.0, 0.3])
def test_smooth_maximum_is_the_published_one(mu):
    case, method = PUBLISHED[f"stch_{mu}"], balancing.STCH(mu, warmup_epochs=1)
    state = start(method)
    for epoch, published in zip(case["epochs"], case["weights"], strict=True):
        for values, expected in zip(epoch, published, strict=True):
            weights, state = step(method, values, state)
            np.testing.assert_allclose(weights, expected, rtol=1e-4)
        state = method.end_epoch(state)


def test_fast_adaptive_weights_are_the_published_ones():
    case, method = PUBLISHED["famo"], balancing.FAMO()
    state = start(method)
    for values, expected in zip(case["steps"], case["weights"], strict=True):
        weights, state = step(method, values, state)
        np.testing.assert_allclose(weights, expected, rtol=1e-4)


def test_what_gradient_lengths_descend_is_the_published_one():
    case, method = PUBLISHED["gradnorm"], balancing.GradNorm()
    state = start(method) | {"first": np.array(case["first"], "float32")}
    gram, values = gram_of(np.array(case["gradients"])), np.array(case["losses"], "float32")
    weights, after = step_of(method)(gram, values, state)
    np.testing.assert_allclose(weights, case["weights"], rtol=1e-6)
    # The first moment is a tenth of the first gradient; there the weights are a softmax.
    slopes = 10 * after["first_moment"]
    np.testing.assert_allclose(slopes - slopes.mean(), case["slopes"], rtol=1e-4, atol=1e-6)
