"""Mirrored and enlarged pictures, with the labels that belong to them."""

import numpy as np
import pytest
from npy_files import SHAPE, arrays

import keras_mtkd as mtkd
from keras_mtkd.datasets.dense.augmentation import enlarge, nearest, scale_crop_flip


class Fixed:
    """Chance that always draws the same."""

    def __init__(self, scale, flip, corner=(0, 0)):
        self.scale, self.flip, self.corner = scale, flip, np.array(corner)

    def choice(self, values):
        return self.scale

    def integers(self, low, high):
        return self.corner

    def random(self):
        return 0.0 if self.flip else 0.9


class TestAugmentation:
    def labels(self):
        made = arrays(0)
        labels = {"semantic": made["label"], "depth": made["depth"], "normal": made["normal"]}
        return made["image"], labels

    def test_a_flip_turns_the_normals_x(self):
        image, labels = self.labels()
        flipped, made = scale_crop_flip(image, labels, Fixed(1.0, True))
        np.testing.assert_allclose(flipped, image[:, ::-1])
        np.testing.assert_array_equal(made["semantic"], labels["semantic"][:, ::-1])
        np.testing.assert_array_equal(made["depth"], labels["depth"][:, ::-1])
        np.testing.assert_array_equal(made["normal"], labels["normal"][:, ::-1] * [-1, 1, 1])

    @pytest.mark.parametrize("inverse", [False, True])
    def test_what_is_enlarged_is_nearer(self, inverse):
        image, labels = self.labels()
        large, made = scale_crop_flip(
            image, labels, Fixed(2.0, False, (3, 5)), inverse_depth=inverse
        )
        assert large.shape == image.shape
        window = slice(3, 3 + SHAPE[0] // 2), slice(5, 5 + SHAPE[1] // 2)
        factor = 2.0 if inverse else 0.5
        np.testing.assert_allclose(made["depth"][::2, ::2], factor * labels["depth"][window])
        np.testing.assert_array_equal(made["semantic"][::2, ::2], labels["semantic"][window])
        np.testing.assert_allclose(large[0, 0], image[3, 5])

    def test_enlarging(self):
        ramp = np.arange(6.0)[:, None] + 10 * np.arange(4.0)
        found = enlarge(ramp[..., None], 11, 7)[..., 0]
        np.testing.assert_allclose(found, np.linspace(0, 5, 11)[:, None] + np.linspace(0, 30, 7))
        np.testing.assert_array_equal(nearest(ramp, 12, 8), ramp.repeat(2, 0).repeat(2, 1))

    def test_rooms_stay_consistent(self):
        """Mirrored and enlarged depth gives the mirrored normals, at the new focal length."""
        from keras_mtkd.datasets.dense.scene import FOCAL, render

        view = render(np.random.default_rng(3), 96, 96)
        labels = {"depth": view.depth, "normal": view.normal}
        _, made = scale_crop_flip(view.image, labels, Fixed(1.0, True))
        derived = mtkd.datasets.normals_from_depth(made["depth"], FOCAL * 96)
        cosines = (derived * made["normal"]).sum(-1)[1:-1, 1:-1]
        assert np.median(cosines) > 0.9999
