"""Two images in one picture."""

import numpy as np
from image_arrays import arrays

from keras_mtkd.datasets.overlaid import SIDE, backbone, overlaid


def test_each_image_has_a_corner_and_the_brighter_pixel_wins():
    first, second = (arrays(seed)["x_test"] for seed in (0, 1))
    pictures = overlaid(first, second)
    assert pictures.shape == (12, SIDE, SIDE, 1)
    assert pictures.dtype == "float32"
    levels = np.round(pictures[..., 0] * 255)
    np.testing.assert_array_equal(levels[:, :8, :28], first[:, :8])
    np.testing.assert_array_equal(levels[:, 28:, 8:], second[:, 20:])
    both = np.maximum(first[:, 8:, 8:], second[:, :20, :20])
    np.testing.assert_array_equal(levels[:, 8:28, 8:28], both)
    assert not levels[:, :8, 28:].any() and not levels[:, 28:, :8].any()


def test_the_backbone_takes_such_pictures():
    model = backbone(5, "mine")
    assert (model.name, model.input_shape) == ("mine", (None, SIDE, SIDE, 1))
    assert model.get_layer("features").output is model.output
    assert model.output_shape == (None, 5)
