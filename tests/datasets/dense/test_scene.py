"""Rendered rooms: depth, normals and classes of one view belong together."""

import numpy as np
import pytest

from keras_mtkd.datasets import normals_from_depth
from keras_mtkd.datasets.dense.scene import BALL, BOX, CEILING, FLOOR, FOCAL, WALL, render

HEIGHT, WIDTH = 96, 128


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
