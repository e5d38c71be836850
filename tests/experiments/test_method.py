"""A method of one's own: its name, and what tells it from others."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pytest
from problems import tiny_problem

from keras_mtkd.distillation import LogitDistillation
from keras_mtkd.experiments import METHODS, Method, Settings


def logits(weight):
    return lambda problem, settings: [LogitDistillation(weight=weight)]


MINE = Method("My logits", logits(2.0))


def test_a_name_is_the_title_in_small_letters():
    assert MINE.name == "my-logits"
    assert Method("KD, 2 × fs_mtl (ours)", logits(1.0)).name == "kd-2-fs_mtl-ours"
    assert Method("蒸馏", logits(1.0), name="distilled").name == "distilled"
    for title, name in (("蒸馏", ""), ("Mine", "my/logits"), ("Mine", "a,b"), ("Mine", "-x")):
        with pytest.raises(ValueError, match=f"needs a `name`.*{re.escape(repr(name))}"):
            Method(title, logits(1.0), name=name)


def test_a_fingerprint_is_of_what_is_done():
    assert Method("Other title", logits(2.0), summary="Else.").fingerprint() == MINE.fingerprint()

    @dataclass(frozen=True)
    class Warmed(Method):
        epochs: int = 1

    warmed = Warmed(MINE.title, MINE.distillation)
    others = [
        MINE,
        Method(MINE.title, logits(3.0)),
        Method(MINE.title, lambda problem, settings: []),
        replace(MINE, callbacks=lambda *given: []),
        warmed,
        replace(warmed, epochs=2),
        replace(MINE, distillation=METHODS["logits"].distillation),
        replace(MINE, distillation=METHODS["logits-fill"].distillation),
    ]
    assert len({method.fingerprint() for method in others}) == len(others)


def test_weights_of_tasks_reach_the_student():
    problem, teachers = tiny_problem(), {"a": tiny_problem().single("a")}
    settings = Settings(task_weights={"b": 0.25})
    learner = METHODS["logits"].learner(problem, teachers, settings)
    assert np.array(learner.task_weights).tolist() == [1.0, 0.25]
