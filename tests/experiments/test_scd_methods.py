"""Variants of sequential cooperative distillation: what each of them does otherwise."""

from types import SimpleNamespace

import numpy as np
import pytest

from keras_mtkd.callbacks import SequentialDistillation, SimilarityGrouping
from keras_mtkd.distillation import FeatureDistillation
from keras_mtkd.experiments import METHOD_GROUPS, METHODS, Settings, scd_methods

PROBLEM = SimpleNamespace(taps=("features", "other"), train="the data")
TEACHERS = dict.fromkeys("abcd")
SETTINGS = Settings()
PLAIN = vars(SequentialDistillation())
# What differs from SCD in its schedule; all of them group similar tasks.
SCHEDULES = {
    "scd": {},
    "scd-reversed": {"order": "simple-first"},
    "scd-random-order": {"order": "random"},
    "scd-cumulative": {"mode": "cumulative"},
    "scd-strict": {"waiting": (0.0, 0.0)},
    "scd-exclusive": {"mode": "exclusive"},
    "scd-cycle": {"mode": "cycle"},
    "scd-adaptive": {"stages": "adaptive", "last_start": 0.75},
    "scd-unscaled": {"loss_scale": 0.0},
    "scd-labels": {"waiting": (0.03, 1.0)},
    "scd-teacher": {"complexity": "teacher"},
    "scd-student": {"complexity": "student"},
    "scd-no-distillation": {},
}
OTHER_BLOCKS = ("scd-singletons", "scd-random-blocks", "scd-one-block")
SHOWN = ("mode", "stages", "ramp", "order", "complexity", "last_start", "waiting", "loss_scale")


def schedule_of(name, seed=3):
    *before, schedule = METHODS[name].callbacks(PROBLEM, TEACHERS, SETTINGS, seed)
    assert isinstance(schedule, SequentialDistillation)
    return before, schedule


def test_every_variant_is_here():
    assert set(METHOD_GROUPS["scd-variants"]) == SCHEDULES.keys() | set(OTHER_BLOCKS)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_variant_groups_similar_tasks_and_differs_in_its_schedule(name):
    (grouping,), schedule = schedule_of(name)
    assert isinstance(grouping, SimilarityGrouping)
    assert grouping.layer == "features"
    found = {key: vars(schedule)[key] for key in SHOWN}
    assert found == {key: PLAIN[key] for key in SHOWN} | SCHEDULES[name]
    assert schedule.seed == 3
    assert schedule.given_blocks is schedule.given_queue is None


@pytest.mark.parametrize("name", [*SCHEDULES, *OTHER_BLOCKS])
def test_a_variant_distils_features_unless_it_is_the_order_alone(name):
    found = METHODS[name].distillation(PROBLEM, SETTINGS)
    count = 0 if name == "scd-no-distillation" else len(PROBLEM.taps)
    assert [type(way) for way in found] == [FeatureDistillation] * count


def test_blocks_of_single_tasks_and_one_of_all():
    before, schedule = schedule_of("scd-singletons")
    assert (before, schedule.given_blocks, schedule.given_queue) == ([], None, None)
    before, schedule = schedule_of("scd-one-block")
    assert (before, schedule.given_queue) == ([], [["a", "b", "c", "d"]])


def test_random_blocks_have_the_sizes_of_the_similar_ones(monkeypatch):
    def similarity(teachers, data, layer):
        assert (teachers, data, layer) == (TEACHERS, "the data", "features")
        return np.eye(4)

    monkeypatch.setattr(scd_methods, "task_similarity", similarity)
    monkeypatch.setattr(scd_methods, "group_tasks", lambda *given: [["a", "b", "c"], ["d"]])
    blocks = [schedule_of("scd-random-blocks", seed)[1].given_blocks for seed in (0, 0, 1, 2)]
    for found in blocks:
        assert [len(block) for block in found] == [3, 1]
        assert sorted(task for block in found for task in block) == ["a", "b", "c", "d"]
    assert blocks[0] == blocks[1]
    assert len({str(found) for found in blocks}) > 1
