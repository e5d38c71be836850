"""Objectives in groups: saved, loaded from files of before they were called hierarchical."""

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.balancing import get
from keras_mtkd.balancing._hierarchical import Hierarchical, HierarchicalWeighting

GROUPS = [[0, 2], [1]]
MADE = [Hierarchical("cagrad", GROUPS), HierarchicalWeighting("gls", GROUPS)]
IDS = ["Hierarchical", "HierarchicalWeighting"]
BEFORE = ["TwoLevel", "TwoLevelWeighting"]


def weights_of(method):
    given = np.array([1.0, 4.0, 2.0])
    gradients = np.array([[1.0, 0.5], [-1.0, 2.0], [0.2, 0.1]])
    return np.array(
        method.weights(gradients @ gradients.T if isinstance(method, Hierarchical) else given)
    )


@pytest.mark.parametrize("method", MADE, ids=IDS)
def test_config(method):
    saved = keras.saving.serialize_keras_object(method)
    assert saved["registered_name"] == f"keras_mtkd>{type(method).__name__}"
    loaded = keras.saving.deserialize_keras_object(saved)
    assert type(loaded) is type(method)
    np.testing.assert_array_equal(weights_of(loaded), weights_of(method))


@pytest.mark.parametrize(("method", "before"), list(zip(MADE, BEFORE, strict=True)), ids=IDS)
def test_files_with_the_old_name_load(method, before):
    saved = {
        "module": "keras_mtkd.balancing.once",
        "class_name": before,
        "config": method.get_config(),
        "registered_name": f"keras_mtkd>{before}",
    }
    loaded = keras.saving.deserialize_keras_object(saved)
    assert type(loaded) is type(method)
    np.testing.assert_array_equal(weights_of(loaded), weights_of(method))


def test_names_of_what_is_remembered_are_those_in_files():
    """As version 0.1 wrote them."""
    state = HierarchicalWeighting("uncertainty", GROUPS).initial_state(3)
    own = [*get("uncertainty").initial_state(1)]
    assert list(state) == [*(f"{number}_{name}" for number in range(3) for name in own), "between"]
    state = Hierarchical("multibalance", GROUPS).initial_state(3)
    own = [*get("multibalance").initial_state(1)]
    assert list(state) == [f"{number}_{name}" for number in range(3) for name in own]


@pytest.mark.parametrize("groups", [[], [[0], []], [[0, 1], [1]], [[0], [2]]], ids=str)
def test_every_objective_is_in_one_group(groups):
    with pytest.raises(ValueError, match="must name every objective once"):
        Hierarchical("sum", groups)


def test_refusals():
    with pytest.raises(ValueError, match=r"have 3 objectives. Received: 2"):
        MADE[0].initial_state(2)
    with pytest.raises(TypeError, match="must combine gradients"):
        Hierarchical("gls", GROUPS)
    with pytest.raises(TypeError, match="must weigh losses"):
        HierarchicalWeighting("cagrad", GROUPS)


def test_groups_of_losses():
    """Geometric means within losses and distances, then of the two: NumPy's powers."""
    method = HierarchicalWeighting("gls", [[0, 2], [1, 3]])
    losses = np.array([1.0, 9.0, 4.0, 0.25], "float32")
    total = (np.sqrt(1.0 * 4.0) * np.sqrt(9.0 * 0.25)) ** 0.5
    np.testing.assert_allclose(np.sum(np.array(method.weights(losses)) * losses), total, rtol=1e-5)
    slopes = total / 4 / losses
    np.testing.assert_allclose(method.weights(losses), slopes, rtol=1e-5)


def test_groups_of_what_is_learned():
    """The objective of uncertainty weights within groups, inside uncertainty weights."""
    method = HierarchicalWeighting("uncertainty", [[0], [1]])
    inner = mtkd.balancing.get("uncertainty")
    state = method.initial_state(2)
    trained = {name: np.full(np.shape(state[name]), 0.3, "float32") for name in method.trainable}
    assert len(trained) == 3
    weights, new = method.step(np.array([2.0, 5.0], "float32"), {**state, **trained})
    total = np.sum(np.array(weights) * [2.0, 5.0]) + float(method.penalty(new))

    def one(losses):
        learned = {name: np.full(len(losses), 0.3, "float32") for name in inner.trainable}
        own = {**inner.initial_state(len(losses)), **learned}
        return float(np.sum(np.array(inner.weights(losses, own)) * losses) + inner.penalty(own))

    groups = np.array([one(np.array([2.0], "float32")), one(np.array([5.0], "float32"))])
    np.testing.assert_allclose(total, one(groups.astype("float32")), rtol=1e-5)
