import numpy as np
import pytest
from image_arrays import arrays, find

import keras_mtkd as mtkd
from keras_mtkd.datasets.loading import PROBLEMS

SIZES = {"train_size": 40, "validation_size": 20, "test_size": 30}
SEEDS = {"digits": 0, "clothing": 1}
# What stands left and right, by the name of the problem.
SIDES = {
    "multi-mnist": ("digits", "digits"),
    "multi-fashion": ("clothing", "clothing"),
    "multi-fashion-and-mnist": ("clothing", "digits"),
    "multi-mnist-and-fashion": ("digits", "clothing"),
}


@pytest.fixture(scope="module")
def folder(files):
    return files["mnist"].parent


@pytest.fixture(scope="module")
def problem(folder):
    return mtkd.datasets.multi_mnist(folder, **SIZES)


@pytest.mark.parametrize("name", SIDES)
def test_pictures_and_labels_belong_together(name, folder):
    left, right = SIDES[name]
    made = mtkd.datasets.multi_mnist(folder, left, right, **SIZES)
    assert made.name == name
    # Validation pairs are made of the last sixth of the training images.
    rows = {"train": slice(0, 50), "validation": slice(50, 60), "test": slice(0, 12)}
    for part, size in zip(rows, SIZES.values(), strict=True):
        data, kept = getattr(made, part), "test" if part == "test" else "train"
        (x, y), (u, v) = (
            [arrays(SEEDS[kind])[f"{name}_{kept}"][rows[part]] for name in "xy"]
            for kind in (left, right)
        )
        assert data.x.shape == (size, 36, 36, 1)
        for number, picture in enumerate(np.round(data.x[..., 0] * 255)):
            (one,), (other,) = find(picture[:8, :28], x[:, :8]), find(picture[28:, 8:], u[:, 20:])
            assert left != right or one != other
            labels = [data.y[side][number] for side in ("left", "right")]
            assert labels == [y[one], v[other]]


def test_labels_fit_the_student(problem):
    problem.validate(problem.student())


def test_a_seed_decides_pairs_and_order(folder, problem):
    again, other = (mtkd.datasets.multi_mnist(folder, **SIZES, seed=seed) for seed in (0, 1))
    assert again.fingerprint() == problem.fingerprint()
    np.testing.assert_array_equal(again.train[0][0], problem.train[0][0])
    assert other.fingerprint()["data"] != problem.fingerprint()["data"]


@pytest.mark.parametrize("name", [name for name in SIDES if name in PROBLEMS])
def test_by_name(name, folder, problem):
    assert PROBLEMS[name].tasks == tuple(problem.tasks)
    made = mtkd.datasets.load(name, folder)
    assert made.name == name
    assert made.train.x.shape == (8000, 36, 36, 1)


def test_only_files_of_its_sides_are_needed(folder, tmp_path):
    (tmp_path / "mnist.npz").write_bytes((folder / "mnist.npz").read_bytes())
    assert mtkd.datasets.multi_mnist(tmp_path, **SIZES).name == "multi-mnist"
    with pytest.raises(FileNotFoundError, match=r"Expected is `fashion_mnist.npz`"):
        mtkd.datasets.multi_mnist(tmp_path, right="clothing", **SIZES)


def test_what_it_does_not_know_is_refused(folder):
    with pytest.raises(ValueError, match=r"`right` must be one of \('digits', 'clothing'\)"):
        mtkd.datasets.multi_mnist(folder, right="letters")
    with pytest.raises(ValueError, match=r"Sizes must be positive. Received: \(0, 2000, 4000"):
        mtkd.datasets.multi_mnist(folder, train_size=0)
