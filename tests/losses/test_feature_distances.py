"""Distances between features against NumPy written out sample by sample."""

import itertools

import keras
import numpy as np
import pytest
from helpers import (
    gradient,
    numeric_gradient,
    toy_data,
    toy_losses,
    toy_model,
    toy_teachers,
)

import keras_mtkd as mtkd
from keras_mtkd import losses
from keras_mtkd.similarity import linear_cka

GENERATOR = np.random.default_rng(0)
TEACHER = GENERATOR.normal(size=(7, 5))
STUDENT = GENERATOR.normal(size=(7, 5))
BATCH = [
    losses.CKALoss(),
    losses.LogSumDistance(),
    losses.RelationalDistance(),
    losses.RelationalDistance(angle=0.0),
]
IDS = ["cka", "log_sum", "relational", "distances"]


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
    def test_value(self, loss, oracle):
        assert float(loss(TEACHER, STUDENT)) == pytest.approx(oracle(TEACHER, STUDENT), rel=1e-4)

    def test_gradient(self, loss, oracle):
        found = gradient(lambda values: loss(TEACHER.astype("float32"), values), STUDENT)
        expected = numeric_gradient(lambda values: oracle(TEACHER, values), STUDENT)
        np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-4)

    def test_samples_of_weight_0_take_no_part(self, loss, oracle):
        weight = np.array([1, 0, 1, 1, 0, 1, 1], "float32")
        kept = weight > 0
        found = float(loss(TEACHER, STUDENT, sample_weight=weight))
        if isinstance(loss, losses.RelationalDistance | losses.CKALoss):
            assert found == pytest.approx(oracle(TEACHER[kept], STUDENT[kept]), rel=1e-3)
        else:
            # Its sum is scaled to the size of the batch.
            assert found == pytest.approx(
                oracle(TEACHER[kept], STUDENT[kept]) + np.log(7 / 5), rel=1e-3
            )

    def test_nothing_labelled_is_exactly_nothing(self, loss, oracle):
        zeros = np.zeros(7, "float32")
        assert float(loss(TEACHER, STUDENT, sample_weight=zeros)) == 0.0
        found = gradient(
            lambda values: loss(TEACHER.astype("float32"), values, sample_weight=zeros), STUDENT
        )
        np.testing.assert_array_equal(found, np.zeros_like(STUDENT))

    def test_config(self, loss, oracle):
        revived = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
        assert float(revived(TEACHER, STUDENT)) == float(loss(TEACHER, STUDENT))


def test_widths_may_differ():
    wide = GENERATOR.normal(size=(7, 9))
    for loss in (losses.CKALoss(), losses.RelationalDistance()):
        assert np.isfinite(float(loss(wide, STUDENT)))


def test_equal_samples_have_a_finite_gradient():
    same = np.ones((4, 3), "float32")
    for loss in BATCH:
        found = gradient(
            lambda values, loss=loss: loss(TEACHER[:4, :3].astype("float32"), values), same
        )
        assert np.isfinite(found).all()


class TestAttentionTransfer:
    teacher = GENERATOR.normal(size=(2, 3, 4, 6))
    student = GENERATOR.normal(size=(2, 3, 4, 2))

    def oracle(self, teacher, student):
        values = []
        for one, other in zip(teacher, student, strict=True):
            maps = [np.mean(each**2, axis=-1).ravel() for each in (one, other)]
            units = [each / np.sqrt(np.sum(each**2) + 1e-6) for each in maps]
            values.append(np.sum((units[0] - units[1]) ** 2))
        return np.array(values)

    def test_value_and_gradient(self):
        loss = losses.AttentionTransfer(reduction=None)
        expected = self.oracle(self.teacher, self.student)
        np.testing.assert_allclose(loss(self.teacher, self.student), expected, rtol=1e-5)
        found = gradient(
            lambda values: losses.AttentionTransfer()(self.teacher.astype("float32"), values),
            self.student,
        )
        slopes = numeric_gradient(lambda v: self.oracle(self.teacher, v).mean(), self.student)
        np.testing.assert_allclose(found, slopes, rtol=1e-2, atol=1e-5)

    def test_refusals(self):
        with pytest.raises(ValueError, match="equal height and width"):
            losses.AttentionTransfer()(self.teacher, self.student[:, :2])
        with pytest.raises(ValueError, match="`power` must be positive"):
            losses.AttentionTransfer(power=0.0)


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


class TestProjector:
    def distiller(self, **options):
        keras.utils.set_random_seed(0)
        way = mtkd.FeatureDistillation("features", weight=20.0, **options)
        model = mtkd.MultiTaskDistiller(toy_model(width=8), toy_teachers(width=5), [way])
        model.compile(keras.optimizers.Adam(0.01), loss=toy_losses())
        return model

    def fit(self, model, epochs=20):
        x, y = toy_data()
        history = model.fit(x, y, epochs=epochs, shuffle=False, verbose=0).history
        return history["a_distillation_loss"]

    def test_inverted(self):
        model = self.distiller(adaptor=None, projector="linear")
        assert set(model.adaptors) == {"a/features/projector", "b/features/projector"}
        assert model.adaptors["a/features/projector"].kernel.shape == (5, 8)
        before = np.array(model.adaptors["a/features/projector"].kernel)
        history = self.fit(model)
        assert history[-1] < history[0]
        assert not np.array_equal(before, np.array(model.adaptors["a/features/projector"].kernel))

    def test_a_common_space(self):
        model = self.distiller(
            adaptor=keras.layers.Dense(12),
            projector=keras.layers.Dense(12),
            loss=losses.LogSumDistance(),
        )
        assert len(model.adaptors) == 4
        history = self.fit(model)
        assert history[-1] < history[0]

    def test_saved_and_loaded(self, tmp_path):
        model = self.distiller(adaptor=None, projector="linear")
        self.fit(model, 1)
        model.save(tmp_path / "distiller.keras")
        loaded = keras.saving.load_model(tmp_path / "distiller.keras")
        for name, layer in model.adaptors.items():
            np.testing.assert_array_equal(layer.kernel, loaded.adaptors[name].kernel)
        assert self.fit(model, 1) == pytest.approx(self.fit(loaded, 1), rel=1e-5)

    def test_of_low_rank(self, tmp_path):
        model = self.distiller(adaptor=None, projector="linear", rank=2)
        history = self.fit(model)
        assert history[-1] < history[0]
        kernels = [np.array(w) for w in model.adaptors["a/features/projector"].weights]
        assert [kernel.shape for kernel in kernels] == [(5, 2), (2, 8)]
        assert np.linalg.matrix_rank(kernels[0] @ kernels[1]) == 2
        model.save(tmp_path / "distiller.keras")
        loaded = keras.saving.load_model(tmp_path / "distiller.keras")
        assert self.fit(model, 1) == pytest.approx(self.fit(loaded, 1), rel=1e-5)
        with pytest.raises(ValueError, match="`rank` must be positive"):
            self.distiller(rank=0)

    def test_no_adaptor_is_needed_without_common_channels(self):
        model = self.distiller(adaptor=None, loss=losses.CKALoss())
        assert not model.adaptors
        history = self.fit(model)
        assert history[-1] < history[0]

    def test_refusals(self):
        with pytest.raises(ValueError, match="`projector` must be 'linear'"):
            mtkd.FeatureDistillation("features", projector="x")
        with pytest.raises(ValueError, match="the adapted student feature has shape"):
            self.distiller(adaptor=None)

    @pytest.mark.parametrize("loss", ["mse", "normalized_l2"])
    def test_other_positions_are_refused_unless_the_batch_is_compared(self, loss):
        maps, finer = (None, 4, 4, 2), (None, 8, 8, 2)
        with pytest.raises(ValueError, match="positions do not match"):
            mtkd.FeatureDistillation("x", loss=loss).adaptor("a", maps, finer)
        free = mtkd.FeatureDistillation("x", adaptor=None, loss=losses.CKALoss())
        assert free.adaptor("a", maps, finer) is None
