import numpy as np
import pytest

from keras_mtkd import losses
from losses import weighted_maps as maps
from losses.programs import with_gradient

GENERATOR = np.random.default_rng(0)
TEACHER = GENERATOR.normal(size=(2, 5, 2, 4)).astype("float32")
STUDENT = GENERATOR.normal(size=(2, 5, 2, 4)).astype("float32")


def entropy(logits):
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = exponents / exponents.sum(axis=-1, keepdims=True)
    return -np.sum(p * np.log(p), axis=-1)


def values():
    return np.array(losses.LogitKL(reduction=None)(TEACHER, STUDENT))


@pytest.mark.parametrize("metric", ["student_entropy", "teacher_entropy", "distance"])
@pytest.mark.parametrize("fraction", [0.1, 0.3, 1.0])
def test_mean_over_the_top_of_every_sample(metric, fraction):
    scores = {
        "student_entropy": entropy(STUDENT),
        "teacher_entropy": entropy(TEACHER),
        "distance": values(),
    }[metric]
    count = round(fraction * 10)
    expected = []
    for score, value in zip(scores.reshape(2, -1), values().reshape(2, -1), strict=True):
        expected.append(value[np.argsort(score)[-count:]].mean())
    loss = losses.SelectPositions(fraction=fraction, metric=metric)
    assert float(loss(TEACHER, STUDENT)) == pytest.approx(np.mean(expected), rel=1e-5)


def test_samples_of_a_batch_without_positions():
    loss = losses.SelectPositions(fraction=0.25, reduction=None)
    teacher, student = TEACHER.reshape(-1, 4)[:8], STUDENT.reshape(-1, 4)[:8]
    found = np.array(loss(teacher, student))
    chosen = np.argsort(entropy(student))[-2:]
    plain = np.array(losses.LogitKL(reduction=None)(teacher, student))
    expected = np.zeros(8)
    expected[chosen] = 4.0 * plain[chosen]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_gradient_reaches_the_chosen_positions_alone():
    loss = losses.SelectPositions(fraction=0.2)
    _, found = with_gradient(loss)(TEACHER, STUDENT)
    slopes = np.abs(found).sum(axis=-1).reshape(2, -1)
    for slope, score in zip(slopes, entropy(STUDENT).reshape(2, -1), strict=True):
        assert set(np.flatnonzero(slope)) == set(np.argsort(score)[-2:])


@pytest.mark.parametrize(
    "arguments", [{"fraction": 0.0}, {"fraction": 1.5}, {"metric": "x"}], ids=str
)
def test_refusals(arguments):
    with pytest.raises(ValueError, match=rf"`{next(iter(arguments))}` must"):
        losses.SelectPositions(**arguments)


class TestSelected:
    """`SelectPositions` never takes what is masked or weighs nothing."""

    keep = np.arange(6) < np.array([[6], [3], [4]])
    teacher, student = (
        side.reshape(maps.BATCH, 6, maps.CHANNELS) for side in (maps.TEACHER, maps.STUDENT)
    )
    noise = 100.0 * ~keep[..., None] * np.eye(maps.CHANNELS)[0]
    metrics = ("student_entropy", "teacher_entropy", "distance")

    def wanted(self, metric, fraction=0.5):
        """Chosen text by text, without padding."""
        chosen = []
        for one, other, keep in zip(self.teacher, self.student, self.keep, strict=True):
            one, other = one[keep], other[keep]
            surprise = {"student_entropy": other, "teacher_entropy": one}.get(metric)
            values = maps.kl(one, other)
            scores = values
            if surprise is not None:
                scores = -(np.exp(maps.log_softmax(surprise)) * maps.log_softmax(surprise)).sum(-1)
            chosen += values[np.argsort(scores)[-max(round(fraction * len(one)), 1) :]].tolist()
        return np.array(chosen)

    @pytest.mark.parametrize("metric", metrics)
    def test_by_a_mask(self, metric):
        loss = losses.SelectPositions(losses.LogitKL(2.0), 0.5, metric)
        found = float(
            loss(self.teacher + self.noise, maps.masked(self.student - self.noise, self.keep))
        )
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
        assert float(loss(self.teacher, self.student, np.zeros((maps.BATCH, 6)))) == 0.0
        none = np.zeros((maps.BATCH, 6), bool)
        value = loss(self.teacher, maps.masked(self.student, none))
        assert float(value) == 0.0
