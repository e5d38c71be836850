"""Projectors of teachers' features, with losses that need no common channels."""

import keras
import numpy as np
import pytest
from helpers import snapshot, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd import losses


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
        with pytest.raises(ValueError, match="positions differ"):
            mtkd.FeatureDistillation("x", loss=loss).adaptor("a", maps, finer)
        free = mtkd.FeatureDistillation("x", adaptor=None, loss=losses.CKALoss())
        assert free.adaptor("a", maps, finer) is None
