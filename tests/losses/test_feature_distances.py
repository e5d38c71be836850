"""Distances between features against NumPy written out sample by sample."""

import itertools

import keras
import numpy as np
import pytest
from helpers import numeric_gradient, snapshot, toy_data, toy_losses, toy_model, toy_teachers
from programs import program, with_gradient

import keras_mtkd as mtkd
from keras_mtkd import losses
from keras_mtkd.similarity import linear_cka

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
        expected = self.oracle(self.teacher, self.student)
        each = program(losses.AttentionTransfer(reduction=None))(self.teacher, self.student)
        np.testing.assert_allclose(each, expected, rtol=1e-5)
        _, found = with_gradient(losses.AttentionTransfer())(self.teacher, self.student)
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


def distiller(*ways):
    keras.utils.set_random_seed(0)
    model = mtkd.MultiTaskDistiller(toy_model(width=8), toy_teachers(width=5), list(ways))
    model.compile(keras.optimizers.Adam(0.01), loss=toy_losses())
    return model


def way(task, **options):
    return mtkd.FeatureDistillation(
        "features", tasks=[task], weight=20.0, name=f"to_{task}", **options
    )


def fit(model):
    """The distances of one batch before each of 3 steps, `{task: values}`."""
    x, y = toy_data()
    history = model.fit(x, y, batch_size=len(x), epochs=3, verbose=0).history
    return {task: history[f"{task}_distillation_loss"] for task in "ab"}


def weights_of(model):
    return {name: snapshot(layer) for name, layer in model.adaptors.items()}


def is_nearer(values):
    return values[-1] < values[0]


class TestProjector:
    @pytest.fixture(scope="class")
    def trained(self, tmp_path_factory):
        """Projectors of the teachers' features, whole and of low rank, after 3 steps."""
        ways = [
            way("a", adaptor=None, projector="linear"),
            way("b", adaptor=None, projector="linear", rank=2),
        ]
        model = distiller(*ways)
        before = weights_of(model)
        history = fit(model)
        path = tmp_path_factory.mktemp("projector") / "distiller.keras"
        model.save(path)
        return model, before, weights_of(model), history, path

    def test_inverted(self, trained):
        _, before, after, history, _ = trained
        assert set(after) == {"a/to_a/projector", "b/to_b/projector"}
        (kernel,) = after["a/to_a/projector"]
        assert kernel.shape == (5, 8)
        assert is_nearer(history["a"])
        assert not np.array_equal(before["a/to_a/projector"][0], kernel)

    def test_of_low_rank(self, trained):
        _, before, after, history, _ = trained
        assert is_nearer(history["b"])
        kernels = after["b/to_b/projector"]
        assert [kernel.shape for kernel in kernels] == [(5, 2), (2, 8)]
        assert np.linalg.matrix_rank(kernels[0] @ kernels[1]) == 2
        assert not any(map(np.array_equal, before["b/to_b/projector"], kernels))
        with pytest.raises(ValueError, match="`rank` must be positive"):
            distiller(way("a", rank=0))

    def test_saved_and_loaded(self, trained):
        model, _, after, _, path = trained
        loaded = keras.saving.load_model(path)
        for name, layer in loaded.adaptors.items():
            for one, other in zip(after[name], snapshot(layer), strict=True):
                np.testing.assert_array_equal(one, other)
        expected, found = fit(model), fit(loaded)
        for task in "ab":
            assert found[task] == pytest.approx(expected[task], rel=1e-5), task

    def test_a_common_space_or_no_adaptor_where_no_common_channels_are_needed(self):
        common = way(
            "a",
            adaptor=keras.layers.Dense(12),
            projector=keras.layers.Dense(12),
            loss=losses.LogSumDistance(),
        )
        model = distiller(common, way("b", adaptor=None, loss=losses.CKALoss()))
        assert set(model.adaptors) == {"a/to_a", "a/to_a/projector"}
        for task, values in fit(model).items():
            assert is_nearer(values), task

    def test_refusals(self):
        with pytest.raises(ValueError, match="`projector` must be 'linear'"):
            mtkd.FeatureDistillation("features", projector="x")
        with pytest.raises(ValueError, match="the adapted student feature has shape"):
            distiller(way("a", adaptor=None))

    @pytest.mark.parametrize("loss", ["mse", "normalized_l2"])
    def test_other_positions_are_refused_unless_the_batch_is_compared(self, loss):
        maps, finer = (None, 4, 4, 2), (None, 8, 8, 2)
        with pytest.raises(ValueError, match="positions do not match"):
            mtkd.FeatureDistillation("x", loss=loss).adaptor("a", maps, finer)
        free = mtkd.FeatureDistillation("x", adaptor=None, loss=losses.CKALoss())
        assert free.adaptor("a", maps, finer) is None
