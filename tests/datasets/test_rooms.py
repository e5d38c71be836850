import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.datasets import normals_from_depth
from keras_mtkd.datasets.dense.scene import BALL, BOX, CEILING, FLOOR, FOCAL, WALL, render

SIZES = {"train_size": 6, "validation_size": 3, "test_size": 3, "batch_size": 2}
HEIGHT, WIDTH = 96, 128
SLIM = (4,)


@pytest.fixture(scope="module")
def views():
    generator = np.random.default_rng(5)
    return [render(generator, HEIGHT, WIDTH) for _ in range(12)]


def smooth(view):
    """Pixels whose neighbours lie on the same kind of surface, at about the same depth."""
    same = np.ones((HEIGHT, WIDTH), bool)
    for axis in (0, 1):
        for step in (1, -1):
            same &= view.semantic == np.roll(view.semantic, step, axis)
            same &= (np.roll(view.normal, step, axis) * view.normal).sum(-1) > 0.995
            depth = view.depth[..., 0]
            same &= abs(np.roll(depth, step, axis) - depth) < 0.1 * depth
    return same[1:-1, 1:-1]


def test_normals_agree_with_depth(views):
    for view in views:
        derived = normals_from_depth(view.depth, FOCAL * WIDTH)[1:-1, 1:-1]
        cosines = (derived * view.normal[1:-1, 1:-1]).sum(-1)[smooth(view)]
        assert len(cosines) > 0.7 * HEIGHT * WIDTH
        assert np.degrees(np.arccos(np.clip(cosines, -1, 1))).mean() < 0.5
        assert (cosines > 0.98).mean() > 0.999


def test_labels_are_exact_and_belong_together(views):
    seen = set()
    for view in views:
        np.testing.assert_allclose(np.linalg.norm(view.normal, axis=-1), 1.0, atol=1e-5)
        assert view.depth.min() > 0.0
        assert np.isfinite(view.depth).all()
        assert 0.0 <= view.image.min() <= view.image.max() <= 1.0
        # The floor is one plane: one normal, and one height over all of its pixels.
        floor = view.normal[view.semantic == FLOOR]
        assert np.ptp(floor, axis=0).max() < 1e-5
        ceiling = view.normal[view.semantic == CEILING]
        if len(ceiling):
            np.testing.assert_allclose(ceiling[0], -floor[0], atol=1e-5)
        walls = view.normal[view.semantic == WALL]
        np.testing.assert_allclose(walls @ floor[0], 0.0, atol=1e-5)
        seen |= set(np.unique(view.semantic))
    assert seen == {FLOOR, CEILING, WALL, BOX, BALL}


def test_surfaces_face_the_camera(views):
    from keras_mtkd.datasets.dense.camera import rays

    directions = rays(HEIGHT, WIDTH, FOCAL * WIDTH)
    for view in views:
        assert ((view.normal * directions).sum(-1) <= 1e-6).all()


class TestNormalsFromDepth:
    def test_a_plane(self):
        """Depth of the plane n·p = d along z."""
        from keras_mtkd.datasets.dense.camera import rays

        normal = np.array([0.3, -0.2, -1.0]) / np.linalg.norm([0.3, -0.2, -1.0])
        depth = -2.0 / (rays(20, 30, 25.0, (4.0, 11.0)) @ normal)
        found = normals_from_depth(depth, 25.0, (4.0, 11.0))
        np.testing.assert_allclose(
            found[1:-1, 1:-1], np.broadcast_to(normal, (18, 28, 3)), atol=1e-5
        )
        assert not found[0].any()

    def test_unknown_depth_gives_no_normal(self):
        depth = np.ones((9, 9, 1))
        depth[4, 4] = 0.0
        found = normals_from_depth(depth, 5.0)
        missing = {(4, 4), (3, 4), (5, 4), (4, 3), (4, 5)}
        inner = {(r, c) for r in range(1, 8) for c in range(1, 8)}
        assert {(r, c) for r, c in inner if not found[r, c].any()} == missing

    def test_refusals(self):
        with pytest.raises(ValueError, match="Received: focal=0"):
            normals_from_depth(np.ones((4, 4)), 0)
        with pytest.raises(ValueError, match=r"Received: \(2, 3, 4, 1\)"):
            normals_from_depth(np.ones((2, 3, 4, 1)), 1.0)


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
