"""Distances between features against NumPy written out sample by sample."""

import itertools

import numpy as np
import pytest
from helpers import numeric_gradient

from keras_mtkd import losses
from keras_mtkd.similarity import linear_cka
from losses.programs import program, with_gradient

GENERATOR = np.random.default_rng(0)
TEACHER = GENERATOR.normal(size=(6, 3))
STUDENT = GENERATOR.normal(size=(6, 3))
BATCH = [
    losses.CKALoss(),
    losses.LogSumDistance(),
    losses.RelationalDistance(),
    losses.RelationalDistance(angle=0.0),
]
IDS = ["cka", "log_sum", "relational", "distances"]
PLAIN = {loss: with_gradient(loss) for loss in BATCH}
WEIGHTED = {
    loss: with_gradient(
        lambda weight, teacher, student, loss=loss: loss(teacher, student, sample_weight=weight)
    )
    for loss in BATCH
}


def huber(value):
    return 0.5 * value**2 if abs(value) < 1 else abs(value) - 0.5


def relational(teacher, student, distance=1.0, angle=2.0):
    count = len(teacher)
    tables, cosines = [], []
    for features in (teacher, student):
        table = np.array([[np.linalg.norm(a - b) for b in features] for a in features])
        tables.append(table / (table.sum() / (count * (count - 1))))
        cosine = np.zeros((count,) * 3)
        for i, j, k in itertools.product(range(count), repeat=3):
            one, other = features[j] - features[i], features[k] - features[i]
            norms = np.linalg.norm(one) * np.linalg.norm(other)
            cosine[i, j, k] = one @ other / norms if norms else 0.0
        cosines.append(cosine)
    far = np.mean([huber(a - b) for a, b in zip(*map(np.ravel, tables), strict=True)])
    turned = np.mean([huber(a - b) for a, b in zip(*map(np.ravel, cosines), strict=True)])
    return distance * far + angle * turned


def log_sum(teacher, student, power=4.0):
    def normalised(features):
        return (features - features.mean(0)) / np.sqrt(features.var(0) + 1e-5)

    return np.log(np.sum(np.abs(normalised(student) - normalised(teacher)) ** power) + 1e-5)


ORACLES = [
    lambda teacher, student: 1 - linear_cka(teacher, student),
    log_sum,
    relational,
    lambda teacher, student: relational(teacher, student, angle=0.0),
]


@pytest.mark.parametrize(("loss", "oracle"), list(zip(BATCH, ORACLES, strict=True)), ids=IDS)
class TestBatchDistances:
    def test_value_and_gradient(self, loss, oracle):
        value, slopes = PLAIN[loss](TEACHER, STUDENT)
        assert value == pytest.approx(oracle(TEACHER, STUDENT), rel=1e-4)
        expected = numeric_gradient(lambda values: oracle(TEACHER, values), STUDENT)
        np.testing.assert_allclose(slopes, expected, rtol=1e-2, atol=1e-4)

    def test_samples_of_weight_0_take_no_part(self, loss, oracle):
        weight = np.array([1, 0, 1, 1, 0, 1], "float32")
        kept = weight > 0
        found, _ = WEIGHTED[loss](weight, TEACHER, STUDENT)
        if isinstance(loss, losses.RelationalDistance | losses.CKALoss):
            assert found == pytest.approx(oracle(TEACHER[kept], STUDENT[kept]), rel=1e-3)
        else:
            # Its sum is scaled to the size of the batch.
            assert found == pytest.approx(
                oracle(TEACHER[kept], STUDENT[kept]) + np.log(6 / 4), rel=1e-3
            )

    def test_nothing_labelled_is_exactly_nothing(self, loss, oracle):
        value, slopes = WEIGHTED[loss](np.zeros(6), TEACHER, STUDENT)
        assert value == 0.0
        np.testing.assert_array_equal(slopes, np.zeros_like(STUDENT))

    def test_equal_samples_have_a_finite_gradient(self, loss, oracle):
        assert np.isfinite(PLAIN[loss](TEACHER, np.ones_like(STUDENT))[1]).all()


@pytest.mark.parametrize("place", [0, 2], ids=[IDS[0], IDS[2]])
def test_widths_may_differ(place):
    wide = GENERATOR.normal(size=(6, 4))
    found = program(BATCH[place])(wide, STUDENT)
    assert found == pytest.approx(ORACLES[place](wide, STUDENT), rel=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losses.LogSumDistance(0.0), "`power` must be positive"),
        (lambda: losses.RelationalDistance(-1.0), "must not be negative"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_samples_of_weight_0_count_in_the_size_of_the_log_sum():
    loss, weight = BATCH[1], np.array([1, 1, 1, 1, 0, 0], "float32")
    value, slopes = WEIGHTED[loss](weight, TEACHER, STUDENT)
    alone, slopes_alone = PLAIN[loss](TEACHER[:4], STUDENT[:4])
    assert value == pytest.approx(alone + np.log(6 / 4), rel=1e-5)
    np.testing.assert_allclose(slopes, [*slopes_alone, [0.0] * 3, [0.0] * 3], rtol=1e-3, atol=1e-5)
    assert float(loss(TEACHER, STUDENT, sample_weight=3 * weight)) == pytest.approx(value, rel=1e-5)
