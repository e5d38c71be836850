"""Teachers that say the reverse of the labels, found by ranks."""

import keras
import numpy as np
import pytest
from scipy.special import expit, softmax

from keras_mtkd.distillation.head import Head
from keras_mtkd.distillation.reversed_answers import reversed_answers

DRAWN = np.random.default_rng(0)
Z = DRAWN.normal(size=(64, 1))
SOLD = (Z + 0.5 * DRAWN.normal(size=Z.shape) > 0).astype("int32")
LOSS = keras.losses.BinaryCrossentropy(from_logits=True)
LOGITS, SQUASHED, UNTOLD = Head("binary", True), Head("binary", False), Head("binary")


def found(answers, labels=SOLD, weight=None, head=LOGITS, loss=LOSS):
    return reversed_answers(loss, labels, np.asarray(answers, "float32"), weight, head)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (-Z, True),
        (-Z - 5.0, True),
        (-Z[:, 0], True),
        (Z, False),
        (Z - 5.0, False),
        (np.zeros_like(Z), False),
        (np.full_like(Z, np.nan), False),
        (0.0 * Z + DRAWN.normal(size=Z.shape), False),
        (1.0 - SOLD, True),
    ],
    ids=["minus", "seldom", "flat", "right", "low", "constant", "nan", "noise", "hard"],
)
def test_by_ranks(answers, told):
    assert (found(answers) is not None) is told


def test_who_knows_nothing_is_hardly_ever_told():
    drawn = np.random.default_rng(1).normal(size=(1000, 64, 1))
    seldom = np.arange(64)[:, None] < 8
    for labels in (SOLD, seldom):
        assert sum(found(noise, labels) is not None for noise in drawn) <= 2


@pytest.mark.parametrize(
    ("answers", "head", "mend"),
    [
        (-Z, LOGITS, "(t.inputs, -t.outputs[0])"),
        (expit(-Z), SQUASHED, "(t.inputs, 1.0 - t.outputs[0])"),
        (-Z, UNTOLD, "(t.inputs, -t.outputs[0])"),
        (1 - expit(Z), UNTOLD, "(t.inputs, 1.0 - t.outputs[0])"),
    ],
    ids=["logits", "probabilities", "logits seen", "probabilities seen"],
)
def test_the_share_that_agrees_is_by_the_form_of_the_answers(answers, head, mend):
    amiss = found(answers, head=head)
    assert amiss.agree == pytest.approx(np.mean((Z < 0) == SOLD), abs=1e-6)
    pairs = np.subtract.outer(-Z[SOLD == 1], -Z[SOLD == 0]) > 0
    assert amiss.above == pytest.approx(pairs.mean(), abs=1e-6)
    assert amiss.samples == 64
    assert mend in amiss.warning("sold")


def test_few_of_a_class_tell_nothing():
    labels = np.arange(64)[:, None] < 7
    assert found(-labels.astype("float32"), labels) is None
    assert found(-Z, weight=np.arange(64) < 12) is None


def test_labels_that_are_missing_do_not_count():
    known = np.arange(64) % 2
    labels = np.where(known[:, None], SOLD, 1 - SOLD)
    assert found(Z, labels, known) is None
    assert found(-Z, labels, known).samples == 32


def test_two_classes():
    loss, kind = keras.losses.SparseCategoricalCrossentropy(), Head("class", False)
    logits = np.concatenate([-Z, Z], axis=-1)
    for labels in (SOLD[:, 0], SOLD, np.eye(2)[SOLD[:, 0]]):
        assert found(softmax(logits, -1), labels, head=kind, loss=loss) is None
        amiss = found(softmax(-logits, -1), labels, head=kind, loss=loss)
        assert amiss.agree == pytest.approx(np.mean((Z < 0) == SOLD), abs=1e-6)
        assert "keras.ops.flip" in amiss.warning("sold")
    three = np.concatenate([logits, 0 * Z], axis=-1)
    assert found(-three, SOLD[:, 0], head=kind, loss=loss) is None


def test_one_answer_of_several_and_maps():
    three = np.concatenate([Z, -Z, Z], axis=-1)
    amiss = found(three, np.repeat(SOLD, 3, axis=-1))
    assert amiss.which == (1,)
    assert "of its answers [1] agree" in amiss.warning("sold")
    maps = DRAWN.normal(size=(32, 3, 3, 1))
    assert found(-maps, maps > 0).agree == 0.0
    assert found(maps, maps > 0) is None


def test_the_warning_has_task_share_and_mend():
    told = found(-Z).warning("sold")
    for part in ("teacher of 'sold'", "the reverse of the labels", "19% of its answers agree"):
        assert part in told
