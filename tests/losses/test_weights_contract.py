"""What weights and masks of samples and of positions mean, for every loss.

The values a position are written out in NumPy; so is what weights and masks make of them: the sum
of values times weights over the number of positions that the mask leaves.
"""

import keras
import numpy as np
import pytest
from helpers import gradient
from programs import program, with_gradient

from keras_mtkd import losses
from keras_mtkd._backend.keras_compat import set_keras_mask
from keras_mtkd.losses.function_loss import FunctionLoss
from keras_mtkd.losses.weigh import mean_weight, weigh

GENERATOR = np.random.default_rng(0)
BATCH, HEIGHT, WIDTH, CHANNELS = 3, 3, 2, 4
TEACHER, STUDENT = GENERATOR.normal(size=(2, BATCH, HEIGHT, WIDTH, CHANNELS))
ONE = (slice(None), slice(None), slice(None), slice(0, 1))
CLASSES = GENERATOR.integers(-1, CHANNELS, size=(BATCH, HEIGHT, WIDTH))
DEPTH = GENERATOR.uniform(1, 3, size=(BATCH, HEIGHT, WIDTH, 1))
DEPTH[GENERATOR.random(DEPTH.shape) < 0.3] = 0.0
NORMAL = TEACHER[..., :3] / np.linalg.norm(TEACHER[..., :3], axis=-1, keepdims=True)
NORMAL[GENERATOR.random(NORMAL.shape[:-1]) < 0.3] = 0.0
POSITIONS = GENERATOR.uniform(0.2, 2.0, size=(BATCH, HEIGHT, WIDTH))
POSITIONS[GENERATOR.random(POSITIONS.shape) < 0.3] = 0.0
SAMPLES = np.array([2.0, 0.0, 0.5])
MASK = GENERATOR.random(POSITIONS.shape) < 0.6
MASK[:, 0, 0] = True


def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def kl(teacher, student):
    one, other = log_softmax(teacher / 2), log_softmax(student / 2)
    return 4 * np.sum(np.exp(one) * (one - other), axis=-1)


def bernoulli(teacher, student):
    p, q = (1 / (1 + np.exp(-side / 3)) for side in (teacher, student))
    return 9 * (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))


def units(teacher, student):
    one, other = (x / np.sqrt((x**2).sum(-1, keepdims=True) + 1e-6) for x in (teacher, student))
    return ((one - other) ** 2).sum(-1)


def entropy(labels, logits):
    return -np.take_along_axis(log_softmax(logits), np.maximum(labels, 0)[..., None], -1)[..., 0]


def squares(one, other):
    return ((one - other) ** 2).mean(-1)


def own(loss):
    """For distances whose values have a test of their own: what the loss gives a position."""
    loss.reduction = None
    values = np.asarray(loss(TEACHER, STUDENT))
    loss.reduction = "sum_over_batch_size"
    return lambda *_: values


COST = np.abs(np.subtract.outer(np.arange(CHANNELS), np.arange(CHANNELS))).astype("float32")
PROBABILITIES = tuple(np.exp(log_softmax(side)) for side in (TEACHER, STUDENT))
SINKHORN = losses.SinkhornDistance(COST, epsilon=0.5, iterations=5)
SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
# Loss, both sides, the values a position, and where labels are.
EVERYWHERE = np.ones(POSITIONS.shape, bool)
CASES = {
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
WEIGHTS = {
    "none": None,
    "samples": SAMPLES,
    "samples with an axis": SAMPLES[:, None],
    "rows": POSITIONS[..., 0],
    "positions": POSITIONS,
    "positions with an axis": POSITIONS[..., None],
}


def spread(weight, shape=POSITIONS.shape):
    if weight is None:
        return np.ones(shape)
    weight = weight[..., 0] if weight.ndim > 3 or weight.shape == (BATCH, 1) else weight
    return np.broadcast_to(weight.reshape(weight.shape + (1,) * (3 - weight.ndim)), shape)


def expected(values, labelled, weight):
    labelled = np.broadcast_to(labelled, values.shape)
    return np.sum(np.where(labelled, values, 0) * spread(weight)) / labelled.sum()


def masked(array, mask):
    tensor = keras.ops.convert_to_tensor(array.astype("float32"))
    set_keras_mask(tensor, keras.ops.convert_to_tensor(mask))
    return tensor


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


def test_the_weight_that_a_value_stands_for():
    loss = losses.MaskedMeanAbsoluteError()
    guess = STUDENT[ONE].astype("float32")
    for weight in (SAMPLES, POSITIONS):
        found = float(mean_weight(loss, DEPTH, guess, weight))
        wanted = expected(np.ones(POSITIONS.shape), DEPTH[..., 0] != 0, weight)
        assert found == pytest.approx(wanted, rel=1e-5)
    found = float(mean_weight(losses.CKALoss(), TEACHER, STUDENT, SAMPLES))
    assert found == pytest.approx(SAMPLES.mean(), rel=1e-5)


def test_means_by_the_weights_divide_by_those_of_positions():
    loss = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
    for weight in (SAMPLES, POSITIONS):
        found = float(weigh(loss, TEACHER, STUDENT.astype("float32"), weight))
        wanted = np.average(squares(TEACHER, STUDENT), weights=spread(weight))
        assert found == pytest.approx(wanted, rel=1e-4)


def test_a_loss_of_one_value_a_sample():
    loss = keras.losses.Dice(axis=(1, 2, 3))
    truth, guess = (np.abs(side).astype("float32") for side in (TEACHER, STUDENT))
    each = 1 - (2 * (truth * guess).sum((1, 2, 3))) / (truth + guess).sum((1, 2, 3))
    for weight in (SAMPLES, POSITIONS):
        found = float(weigh(loss, truth, guess, weight))
        assert found == pytest.approx((each * spread(weight).mean((1, 2))).mean(), rel=1e-4)


class TestBatches:
    """Distances of whole batches or maps: what takes no part may be anything."""

    teacher, student = TEACHER, STUDENT
    known = np.zeros(POSITIONS.shape)
    known[:, :2] = 1.0
    distances = (
        losses.CKALoss(),
        losses.LogSumDistance(),
        losses.RelationalDistance(),
        losses.AttentionTransfer(),
    )
    ids = tuple(type(loss).__name__ for loss in distances)

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


class TestSelected:
    """`SelectPositions` never takes what is masked or weighs nothing."""

    keep = np.arange(6) < np.array([[6], [3], [4]])
    teacher, student = (side.reshape(BATCH, 6, CHANNELS) for side in (TEACHER, STUDENT))
    noise = 100.0 * ~keep[..., None] * np.eye(CHANNELS)[0]
    metrics = ("student_entropy", "teacher_entropy", "distance")

    def wanted(self, metric, fraction=0.5):
        """Chosen text by text, without padding."""
        chosen = []
        for one, other, keep in zip(self.teacher, self.student, self.keep, strict=True):
            one, other = one[keep], other[keep]
            surprise = {"student_entropy": other, "teacher_entropy": one}.get(metric)
            values = kl(one, other)
            scores = values
            if surprise is not None:
                scores = -(np.exp(log_softmax(surprise)) * log_softmax(surprise)).sum(-1)
            chosen += values[np.argsort(scores)[-max(round(fraction * len(one)), 1) :]].tolist()
        return np.array(chosen)

    @pytest.mark.parametrize("metric", metrics)
    def test_by_a_mask(self, metric):
        loss = losses.SelectPositions(losses.LogitKL(2.0), 0.5, metric)
        found = float(loss(self.teacher + self.noise, masked(self.student - self.noise, self.keep)))
        assert found == pytest.approx(self.wanted(metric).mean(), rel=1e-4)

    @pytest.mark.parametrize("metric", metrics)
    def test_by_weights(self, metric):
        """As with other losses, what weighs nothing makes the mean smaller."""
        loss = losses.SelectPositions(losses.LogitKL(2.0), 0.5, metric)
        weight = 2.0 * self.keep
        found = float(loss(self.teacher + self.noise, self.student - self.noise, weight))
        assert found == pytest.approx(2 * self.wanted(metric).mean() * self.keep.mean(), rel=1e-4)

    def test_nothing_to_select(self):
        loss = losses.SelectPositions()
        assert float(loss(self.teacher, self.student, np.zeros((BATCH, 6)))) == 0.0
        none = np.zeros((BATCH, 6), bool)
        value = loss(self.teacher, masked(self.student, none))
        assert float(value) == 0.0


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


def test_labels_of_other_maps_are_refused():
    with pytest.raises(ValueError, match=r"labels of shape \(3, 3\), predictions of shape"):
        losses.MaskedMeanAbsoluteError()(DEPTH[:, :, 0, 0], STUDENT[ONE])
