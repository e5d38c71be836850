"""Normals of the surfaces that a pinhole camera sees."""

import numpy as np
import pytest

from keras_mtkd.datasets import normals_from_depth


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
