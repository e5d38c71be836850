"""Mixtures of experts: who reads which, and what is refused."""

import keras
import pytest

from keras_mtkd import models
from keras_mtkd._backend.keras_compat import maker_of
from models.small_networks import dense_expert, dense_layers, vector_backbone

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")


class Counting:
    """Makes experts and counts them."""

    def __init__(self):
        self.made = []

    def __call__(self):
        self.made.append(dense_expert())
        return self.made[-1]


def mixed_by(model, name):
    """The experts that a mixture reads."""
    _, *experts = model.get_layer(name).input
    return set(map(maker_of, keras.tree.flatten(experts)))


def test_all_tasks_share_all_experts_of_mmoe():
    expert = Counting()
    model = models.mmoe(vector_backbone(), dense_layers(), expert, experts=3)
    assert len(expert.made) == 3
    for task in ("a", "b"):
        assert mixed_by(model, f"mixture_{task}") == set(expert.made)
    gates = [model.get_layer(f"mixture_{task}").dense for task in ("a", "b")]
    assert gates[0] is not gates[1]


def test_ple_gives_each_task_experts_that_it_alone_reads():
    expert = Counting()
    model = models.ple(vector_backbone(), dense_layers(), expert, shared_experts=2, task_experts=1)
    shared, own = set(expert.made[:2]), expert.made[2:]
    assert len(own) == 2
    for task, mine in zip(("a", "b"), own, strict=True):
        assert mixed_by(model, f"level1_{task}") == {*shared, mine}


def test_what_ple_shares_reads_the_experts_of_all_tasks_up_to_the_last_level():
    expert = Counting()
    model = models.ple(vector_backbone(), dense_layers(), [expert, expert])
    assert mixed_by(model, "level1_shared") == set(expert.made[:4])
    assert "level2_shared" not in {layer.name for layer in model.layers}


def test_refusals():
    with pytest.raises(ValueError, match="`experts` must be at least 1"):
        models.mmoe(vector_backbone(), dense_layers(), dense_expert, experts=0)
    with pytest.raises(ValueError, match="at least one task"):
        models.ple(vector_backbone(), {}, dense_expert)
    with pytest.raises(ValueError, match="`task_experts` must be at least 1. Received: 0"):
        models.ple(vector_backbone(), dense_layers(), dense_expert, task_experts=0)
    with pytest.raises(ValueError, match="`expert` must be at least 1"):
        models.ple(vector_backbone(), dense_layers(), [])
    with pytest.raises(TypeError, match="backbone must be a `keras.Model`"):
        models.mmoe(keras.layers.Dense(3), dense_layers(), dense_expert)
