import numpy as np
import pytest
from sklearn.datasets import load_digits

import keras_mtkd as mtkd

SIZES = {"train_size": 300, "validation_size": 100, "test_size": 100}


@pytest.fixture(scope="module")
def problem():
    return mtkd.datasets.digits(**SIZES, overlap=0)


def scans(data):
    """The scans that occur in a data set, as bytes in the original 17 grey levels."""
    levels = np.round(data.x[..., 0] * 16).astype("uint8")
    return {half.tobytes() for half in [*levels[:, :, :8], *levels[:, :, 8:]]}


def test_shapes_and_ranges(problem):
    x, y = problem.train.x, problem.train.y
    assert x.shape == (300, 8, 16, 1)
    assert x.min() == 0.0
    assert x.max() == 1.0
    assert set(y) == {"left", "right", "left_parity", "right_parity", "sum", "ink"}
    assert set(np.unique(y["left"])) == set(range(10))


def test_labels_belong_to_the_scans(problem):
    images, labels = load_digits(return_X_y=True)
    label_of = {
        image.reshape(8, 8).astype("uint8").tobytes(): label
        for image, label in zip(images, labels, strict=True)
    }
    levels = np.round(problem.test.x[..., 0] * 16).astype("uint8")
    y = problem.test.y
    for row, image in enumerate(levels):
        left, right = (label_of[half.tobytes()] for half in (image[:, :8], image[:, 8:]))
        assert (y["left"][row], y["right"][row]) == (left, right)
        assert y["left_parity"][row, 0] == left % 2
        assert y["right_parity"][row, 0] == right % 2
        assert y["sum"][row, 0] == left + right
    np.testing.assert_allclose(y["ink"][:, 0], levels.mean(axis=(1, 2)), rtol=1e-5)


def test_no_scan_is_in_two_parts(problem):
    train, validation, test = map(scans, (problem.train, problem.validation, problem.test))
    assert not train & test
    assert not train & validation
    assert not validation & test
    images, _ = load_digits(return_X_y=True)
    all_scans = {image.reshape(8, 8).astype("uint8").tobytes() for image in images}
    assert train | validation | test <= all_scans


def test_the_two_scans_of_a_pair_differ(problem):
    x = problem.train.x
    assert (x[:, :, :8] != x[:, :, 8:]).any(axis=(1, 2, 3)).all()


def test_darker_ink_wins_in_the_overlap():
    apart = mtkd.datasets.digits(**SIZES, overlap=0).train.x
    joined = mtkd.datasets.digits(**SIZES, overlap=3).train.x
    assert joined.shape == (300, 8, 13, 1)
    np.testing.assert_array_equal(joined[:, :, :5], apart[:, :, :5])
    both = np.maximum(apart[:, :, 5:8], apart[:, :, 8:11])
    np.testing.assert_array_equal(joined[:, :, 5:8], both)


def test_seeds():
    one, same = (mtkd.datasets.digits(**SIZES, seed=1) for _ in range(2))
    other = mtkd.datasets.digits(**SIZES, seed=2)
    np.testing.assert_array_equal(one.train.x, same.train.x)
    assert one.fingerprint() == same.fingerprint()
    assert one.fingerprint()["data"] != other.fingerprint()["data"]


def test_bad_arguments():
    with pytest.raises(ValueError, match="Received: overlap=9"):
        mtkd.datasets.digits(overlap=9)
    with pytest.raises(ValueError, match="Sizes must be positive"):
        mtkd.datasets.digits(test_size=0)


def test_filters_before_the_shared_feature_are_scaled():
    layers = mtkd.datasets.digits(**SIZES, width=5, scale=4).backbone().layers
    assert [layer.filters for layer in layers if hasattr(layer, "filters")] == [32, 64]
    assert layers[-1].units == 5
    with pytest.raises(ValueError, match="Received: scale=0"):
        mtkd.datasets.digits(**SIZES, scale=0)
