"""Objectives in groups: saved, loaded from files of before they were called hierarchical."""

import keras
import numpy as np
import pytest

from keras_mtkd.balancing import Balancing, get
from keras_mtkd.balancing._hierarchical import Hierarchical, HierarchicalWeighting
from keras_mtkd.balancing.grouped import grouped

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


def test_the_family_of_the_method_chooses():
    for method in MADE:
        assert type(grouped(method.method, GROUPS)) is type(method)
        assert grouped(method.method, None) is method.method


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


def test_the_old_word_is_refused_by_the_constructor_and_read_in_files():
    with pytest.raises(ValueError, match="'two_level'` is called 'hierarchical' since 0.2"):
        Balancing("cagrad", objectives="two_level")
    balancing = Balancing("cagrad", objectives="hierarchical")
    saved = keras.saving.serialize_keras_object(balancing)
    saved["config"]["objectives"] = "two_level"
    loaded = keras.saving.deserialize_keras_object(saved)
    assert repr(loaded) == repr(balancing)
    assert "objectives='hierarchical'" in repr(loaded)
