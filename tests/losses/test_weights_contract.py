"""What weights and masks of samples and of positions mean, for every loss.

The values a position are written out in NumPy; so is what weights and masks make of them: the sum
of values times weights over the number of positions that the mask leaves.
"""

import keras
import numpy as np
import pytest
from arguments import own_arguments
from helpers import gradient

from keras_mtkd import losses
from keras_mtkd.losses.batch_distance import BatchDistance
from keras_mtkd.losses.function_loss import FunctionLoss
from keras_mtkd.losses.weigh import WeighedLoss, weigh
from losses.found import found
from losses.programs import program, with_gradient
from losses.weighted_maps import (
    BATCH,
    CHANNELS,
    CLASSES,
    DEPTH,
    GENERATOR,
    HEIGHT,
    MASK,
    NORMAL,
    ONE,
    POSITIONS,
    SAMPLES,
    STUDENT,
    TEACHER,
    WIDTH,
    expected,
    kl,
    log_softmax,
    masked,
    spread,
    squares,
)


def bernoulli(teacher, student):
    p, q = (1 / (1 + np.exp(-side / 3)) for side in (teacher, student))
    return 9 * (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))


def units(teacher, student):
    one, other = (x / np.sqrt((x**2).sum(-1, keepdims=True) + 1e-6) for x in (teacher, student))
    return ((one - other) ** 2).sum(-1)


def entropy(labels, logits):
    return -np.take_along_axis(log_softmax(logits), np.maximum(labels, 0)[..., None], -1)[..., 0]


def found_case(kind):
    """A loss without a row, against what itself gives a position without weights."""
    defaults = {name: each.default for name, each in own_arguments(kind).items()}
    sides = (TEACHER, STUDENT) if defaults.get("from_logits", True) else PROBABILITIES

    def values(truth, guess):
        found = np.asarray(kind(reduction=None)(truth, guess.astype("float32")))
        told = f"{kind} is a `WeighedLoss` and needs a value a position, or a row in `ROWS`."
        assert found.shape == POSITIONS.shape, told
        return found

    return kind(), *sides, values, EVERYWHERE


COST = np.abs(np.subtract.outer(np.arange(CHANNELS), np.arange(CHANNELS))).astype("float32")
PROBABILITIES = tuple(np.exp(log_softmax(side)) for side in (TEACHER, STUDENT))
SINKHORN = losses.SinkhornDistance(COST, epsilon=0.5, iterations=5)
SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
# Loss, both sides, the values a position, and where labels are.
EVERYWHERE = np.ones(POSITIONS.shape, bool)
ROWS = {
    "logit_kl": (losses.LogitKL(2.0), TEACHER, STUDENT, kl, EVERYWHERE),
    "binary_logit_kl": (
        losses.BinaryLogitKL(3.0),
        TEACHER,
        STUDENT,
        lambda *sides: bernoulli(*sides).mean(-1),
        EVERYWHERE,
    ),
    "normalized_l2": (losses.NormalizedL2(), TEACHER, STUDENT, units, EVERYWHERE),
    "function": (FunctionLoss("mse"), TEACHER, STUDENT, squares, EVERYWHERE),
    "depth": (
        losses.MaskedMeanAbsoluteError(),
        DEPTH,
        STUDENT[ONE],
        lambda one, other: np.abs(one - other)[..., 0],
        DEPTH[..., 0] != 0,
    ),
    "depth without its axis": (
        losses.MaskedMeanAbsoluteError(),
        DEPTH[..., 0],
        STUDENT[ONE],
        lambda one, other: np.abs(one - other[..., 0]),
        DEPTH[..., 0] != 0,
    ),
    "normal": (
        losses.NormalCosine(),
        NORMAL,
        STUDENT[..., :3],
        lambda one, other: 1 - (one * other).sum(-1),
        NORMAL.any(-1),
    ),
    "keras": (keras.losses.MeanSquaredError(), TEACHER, STUDENT, squares, EVERYWHERE),
    "keras without axis": (
        keras.losses.MeanSquaredError(),
        DEPTH[..., 0],
        STUDENT[ONE],
        lambda one, other: (one - other[..., 0]) ** 2,
        EVERYWHERE,
    ),
    "classes": (SPARSE, CLASSES, STUDENT, entropy, CLASSES >= 0),
    "classes with an axis": (
        SPARSE,
        CLASSES[..., None],
        STUDENT,
        lambda labels, logits: entropy(labels[..., 0], logits),
        CLASSES >= 0,
    ),
}
WITH_ROW = [type(row[0]) for row in ROWS.values()]
# What is drawn differs from call to call: no values to compare with.
CASES = ROWS | {
    kind.__name__: found_case(kind)
    for kind in found(WITH_ROW, WeighedLoss)
    if "seed" not in own_arguments(kind)
}
WEIGHTS = {
    "none": None,
    "samples": SAMPLES,
    "samples with an axis": SAMPLES[:, None],
    "rows": POSITIONS[..., 0],
    "positions": POSITIONS,
    "positions with an axis": POSITIONS[..., None],
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_of_samples_and_of_positions(case):
    loss, truth, guess, oracle, labelled = case
    values = oracle(truth, guess)

    def all_of_them(truth, guess, *weights):
        return tuple(weigh(loss, truth, guess, weight) for weight in (None, *weights))

    given = [weight for weight in WEIGHTS.values() if weight is not None]
    if labels_are_numbers(loss):
        found = [float(weigh(loss, truth, guess.astype("float32"), w)) for w in (None, *given)]
    else:
        found = program(all_of_them)(truth, guess, *given)
    wanted = [expected(values, labelled, weight) for weight in WEIGHTS.values()]
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


def labels_are_numbers(loss):
    return loss is SPARSE


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_sample(case):
    """Where an axis of length 1 could be taken for one that was left out."""
    loss, truth, guess, oracle, labelled = case
    values = oracle(truth, guess)[:1]
    for weight in (SAMPLES[:1], POSITIONS[:1]):
        found = float(weigh(loss, truth[:1], guess[:1].astype("float32"), weight))
        wanted = np.sum(np.where(labelled[:1], values, 0) * spread(weight, values.shape))
        assert found == pytest.approx(wanted / labelled[:1].sum(), rel=1e-4)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_mask_leaves_positions_out_of_the_mean(case):
    loss, truth, guess, oracle, labelled = case
    values = oracle(truth, guess)
    for weight in (None, SAMPLES, POSITIONS):
        found = float(weigh(loss, truth, masked(guess, MASK), weight))
        assert found == pytest.approx(expected(values, labelled & MASK, weight), rel=1e-4)


OURS = [case for name, case in CASES.items() if not name.startswith(("keras", "classes"))]


@pytest.mark.parametrize("case", OURS, ids=[type(case[0]).__name__ for case in OURS])
def test_our_losses_do_so_by_themselves(case):
    loss, truth, guess, oracle, labelled = case
    for weight in (SAMPLES, POSITIONS):
        found = float(loss(truth, guess.astype("float32"), sample_weight=weight))
        assert found == pytest.approx(expected(oracle(truth, guess), labelled, weight), rel=1e-4)


@pytest.mark.parametrize("loss", [losses.SampledLogitKL(3, seed=1), SINKHORN], ids=["few", "cost"])
def test_distances_with_values_of_their_own_test(loss):
    sides = PROBABILITIES if loss is SINKHORN else (TEACHER, STUDENT)
    twice = type(loss).from_config(loss.get_config())
    twice.reduction = None
    if loss is SINKHORN:
        values = np.asarray(twice(*sides))
        wanted = [expected(values, EVERYWHERE, weight) for weight in (SAMPLES, POSITIONS)]
        found = [float(loss(*sides, sample_weight=w)) for w in (SAMPLES, POSITIONS)]
        np.testing.assert_allclose(found, wanted, rtol=1e-4)
    else:
        nothing = float(loss(*sides, sample_weight=np.zeros((BATCH, HEIGHT, WIDTH))))
        assert nothing == 0.0


class TestEntries:
    """Predictions without an axis of channels, and answers of which some have no label."""

    teacher, student = TEACHER[:, 0, 0], STUDENT[:, 0, 0]
    weight = GENERATOR.uniform(size=(BATCH, CHANNELS))

    @pytest.mark.parametrize("name", ["mse", "mae", "binary_crossentropy"])
    def test_means_over_the_last_axis_weigh_each(self, name):
        truth, guess = (1 / (1 + np.exp(-side)) for side in (self.teacher, self.student))
        found = float(weigh(losses.get(name), truth, guess.astype("float32"), self.weight))
        values = {
            "mse": (truth - guess) ** 2,
            "mae": np.abs(truth - guess),
            "binary_crossentropy": -truth * np.log(guess) - (1 - truth) * np.log(1 - guess),
        }[name]
        assert found == pytest.approx((values * self.weight).mean(), rel=1e-4)

    def test_answers_of_a_teacher(self):
        loss = losses.BinaryLogitKL(3.0)
        found = float(loss(self.teacher, self.student, sample_weight=self.weight))
        values = bernoulli(self.teacher, self.student)
        assert found == pytest.approx((values * self.weight).mean(), rel=1e-4)

    def test_others_have_the_mean_of_a_position(self):
        loss = losses.LogitKL(2.0)
        found = float(loss(self.teacher, self.student, sample_weight=self.weight))
        wanted = (kl(self.teacher, self.student) * self.weight.mean(-1)).mean()
        assert found == pytest.approx(wanted, rel=1e-4)


def test_other_positions_have_the_mean_of_a_sample():
    loss = losses.NormalizedL2()
    weight = GENERATOR.uniform(size=(BATCH, 2 * HEIGHT, 2 * WIDTH))
    found = float(loss(TEACHER, STUDENT, sample_weight=weight))
    wanted = (units(TEACHER, STUDENT).mean((1, 2)) * weight.mean((1, 2))).mean()
    assert found == pytest.approx(wanted, rel=1e-4)


class TestBatches:
    """Distances of whole batches or maps: what takes no part may be anything."""

    teacher, student = TEACHER, STUDENT
    known = np.zeros(POSITIONS.shape)
    known[:, :2] = 1.0
    distances = (*(kind() for kind in found((), BatchDistance)), losses.AttentionTransfer())
    ids = tuple(type(loss).__name__ for loss in distances)
    assert len(ids) >= 4

    def junk(self):
        noise = 100.0 * (1 - self.known)[..., None] * GENERATOR.normal(size=TEACHER.shape)
        return (self.teacher + noise).astype("float32"), (self.student - noise).astype("float32")

    @pytest.mark.parametrize("loss", distances, ids=ids)
    def test_positions_without_weight_or_outside_the_mask(self, loss):
        """As for maps that end where all samples' weights do."""
        wanted = float(loss(self.teacher[:, :2], self.student[:, :2]))
        teacher, student = self.junk()
        assert float(loss(teacher, student, sample_weight=self.known)) == pytest.approx(
            wanted, rel=1e-4
        )
        assert float(loss(teacher, masked(student, self.known > 0))) == pytest.approx(
            wanted, rel=1e-4
        )

    @pytest.mark.parametrize("loss", distances, ids=ids)
    def test_texts_of_different_lengths(self, loss):
        """What is compared differs from sample to sample, and junk is still junk."""
        keep = np.arange(6) < np.array([[6], [3], [4]])
        one, other = (side.reshape(BATCH, 6, CHANNELS) for side in (self.teacher, self.student))
        found = []
        for junk in (0.0, 50.0):
            noise = junk * GENERATOR.normal(size=one.shape) * ~keep[..., None]
            found.append(float(loss(one + noise, masked(other - noise, keep))))
            assert float(loss(one + noise, masked(one - noise, keep))) == pytest.approx(
                np.log(1e-5) if isinstance(loss, losses.LogSumDistance) else 0.0, abs=1e-5
            )
        assert found[0] == pytest.approx(found[1], rel=1e-4)
        assert found[0] > np.log(1e-5) + 1e-3

    @pytest.mark.parametrize("loss", distances, ids=ids)
    def test_weights_of_positions_that_are_those_of_samples(self, loss):
        plain = float(loss(self.teacher, self.student, sample_weight=SAMPLES))
        spread_out = np.broadcast_to(SAMPLES[:, None, None], POSITIONS.shape)
        found = float(loss(self.teacher, self.student, sample_weight=spread_out))
        assert found == pytest.approx(plain, rel=1e-4)

    def test_squares_of_attention_weigh_one_by_one(self):
        loss = losses.AttentionTransfer()

        def unit(maps):
            flat = (maps**2).mean(-1) * (POSITIONS > 0)
            return flat / np.sqrt((flat**2).sum((1, 2), keepdims=True) + 1e-6)

        values = (unit(self.teacher) - unit(self.student)) ** 2 * POSITIONS
        found = float(loss(self.teacher, self.student, sample_weight=POSITIONS))
        assert found == pytest.approx(values.sum((1, 2)).mean(), rel=1e-4)


class TestNaN:
    """NaN stands for what was not measured."""

    truth = np.where(DEPTH == 0, np.nan, DEPTH)
    loss = losses.MaskedMeanAbsoluteError(invalid=float("nan"))

    def test_neither_value_nor_gradient(self):
        guess = STUDENT[ONE]
        plain = float(losses.MaskedMeanAbsoluteError()(DEPTH, guess))
        value, slopes = with_gradient(self.loss)(self.truth, guess)
        assert value == pytest.approx(plain, rel=1e-5)
        assert np.isfinite(slopes).all()
        np.testing.assert_array_equal(slopes != 0, DEPTH != 0)

    def test_normals(self):
        truth = np.where(NORMAL.any(-1, keepdims=True), NORMAL, np.nan).astype("float32")
        guess = STUDENT[..., :3]
        loss = losses.NormalCosine()
        assert float(loss(truth, guess)) == pytest.approx(float(loss(NORMAL, guess)), rel=1e-5)
        slopes = gradient(lambda guess: loss(truth, guess), guess)
        np.testing.assert_array_equal(slopes.any(-1), NORMAL.any(-1))
