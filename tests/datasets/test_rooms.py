import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.datasets.dense.scene import render

SIZES = {"train_size": 6, "validation_size": 3, "test_size": 3, "batch_size": 2}

SLIM = (4,)


class TestRooms:
    def test_invalid_pixels_are_marked(self):
        problem = mtkd.datasets.rooms(32, 64, **SIZES, invalid=0.3)
        y = problem.train.y
        unknown = y["depth"][..., 0] == 0
        assert 0.25 < unknown.mean() < 0.5
        np.testing.assert_array_equal(unknown, ~y["normal"].any(axis=-1))
        assert 0.25 < (y["semantic"] == -1).mean() < 0.5
        assert (unknown != (y["semantic"] == -1)).any()

    def test_without_noise_and_holes_it_is_the_rendering(self):
        problem = mtkd.datasets.rooms(32, 64, **SIZES, noise=0.0, invalid=0.0, seed=3)
        view = render(np.random.default_rng([3, 1]), 32, 64)
        np.testing.assert_array_equal(problem.validation.x[0], view.image)
        np.testing.assert_array_equal(problem.validation.y["depth"][0], view.depth)

    def test_seeds_and_parts(self):
        one, same = (mtkd.datasets.rooms(32, 32, **SIZES, widths=SLIM, seed=1) for _ in range(2))
        assert one.fingerprint() == same.fingerprint()
        other = mtkd.datasets.rooms(32, 32, **SIZES, widths=SLIM, seed=2)
        assert one.fingerprint()["data"] != other.fingerprint()["data"]
        assert not (one.train.x[0] == one.validation.x[0]).all()

    def test_it_trains_and_distils(self):
        problem = mtkd.datasets.rooms(32, 32, **{**SIZES, "train_size": 2}, widths=SLIM)
        teachers = {task: problem.single(task) for task in problem.tasks}
        distiller = mtkd.MultiTaskDistiller(
            problem.student(), teachers, [mtkd.FeatureDistillation(tap) for tap in problem.taps]
        )
        distiller.compile("sgd", loss=problem.losses(), metrics=problem.metrics())
        history = distiller.fit(problem.train, epochs=1, verbose=0).history
        for name in ("loss", "semantic_mean_iou", "depth_absolute_error", "normal_mean_angle"):
            assert np.isfinite(history[name]).all()
        assert len(distiller.adaptors) == 6

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"height": 40}, "Received: 40 × 96"),
            ({"train_size": 0}, "Sizes must be positive"),
            ({"invalid": 1.0}, "Received: noise=0.05, invalid=1.0"),
        ],
        ids=str,
    )
    def test_refusals(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            mtkd.datasets.rooms(**arguments)
