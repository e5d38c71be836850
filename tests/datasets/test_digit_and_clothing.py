import keras
import numpy as np
import pytest
from image_arrays import arrays, find

import keras_mtkd as mtkd
from keras_mtkd.datasets.loading import PROBLEMS

SIZES = {"train_size": 40, "validation_size": 20, "test_size": 30}


@pytest.fixture(scope="module")
def problem(files):
    return mtkd.datasets.digit_and_clothing(**files, **SIZES)


def test_pictures_and_labels_belong_together(problem):
    digits, articles = arrays(0), arrays(1)
    rows = {"train": slice(0, 50), "validation": slice(50, 60), "test": slice(0, 12)}
    for part, size in zip(rows, SIZES.values(), strict=True):
        data, kept = getattr(problem, part), "test" if part == "test" else "train"
        assert data.x.shape == (size, 36, 36, 1)
        pictures = np.round(data.x[..., 0] * 255).astype("uint8")
        x, y = digits[f"x_{kept}"][rows[part]], digits[f"y_{kept}"][rows[part]]
        u, v = articles[f"x_{kept}"][rows[part]], articles[f"y_{kept}"][rows[part]]
        for number, picture in enumerate(pictures):
            (one,) = find(picture[:8, :28], x[:, :8])
            (other,) = find(picture[28:, 8:], u[:, 20:])
            overlap = np.maximum(x[one][8:, 8:], u[other][:20, :20])
            np.testing.assert_array_equal(picture[8:28, 8:28], overlap)
            labels = {task: values[number] for task, values in data.y.items()}
            assert labels["digit"] == y[one]
            assert labels["item"] == v[other]
            assert labels["sum"][0] == int(y[one]) + int(v[other])
            assert (labels["coarse"] == 2) == (v[other] in (5, 7, 9))


def test_it_trains(problem):
    student = problem.student()
    student.compile("adam", loss=problem.losses(), metrics=problem.metrics())
    logs = student.evaluate(problem.validation, return_dict=True, verbose=0)
    assert {"digit_accuracy", "item_accuracy", "coarse_accuracy", "sum_r2"} <= set(logs)


def test_seeds(files, problem):
    again = mtkd.datasets.digit_and_clothing(**files, **SIZES)
    other = mtkd.datasets.digit_and_clothing(**files, **SIZES, seed=1)
    assert again.fingerprint() == problem.fingerprint()
    assert other.fingerprint()["data"] != problem.fingerprint()["data"]


def test_by_default_keras_downloads(monkeypatch, files, problem):
    for name, seed in (("mnist", 0), ("fashion_mnist", 1)):
        made = arrays(seed)
        parts = [(made[f"x_{part}"], made[f"y_{part}"]) for part in ("train", "test")]
        monkeypatch.setattr(getattr(keras.datasets, name), "load_data", lambda parts=parts: parts)
    downloaded = mtkd.datasets.digit_and_clothing(**SIZES)
    assert downloaded.fingerprint() == problem.fingerprint()


def test_sizes_are_checked(files):
    with pytest.raises(ValueError, match="Sizes must be positive"):
        mtkd.datasets.digit_and_clothing(**files, train_size=0)


def test_by_name(tmp_path, files):
    for name, path in files.items():
        (tmp_path / f"{name}.npz").write_bytes(path.read_bytes())
    assert mtkd.datasets.load("digit-and-clothing", tmp_path).train.x.shape == (8000, 36, 36, 1)
    with pytest.raises(FileNotFoundError):
        mtkd.datasets.load("digit-and-clothing", tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="Known: .*digit-and-clothing"):
        mtkd.datasets.load("digit")
    with pytest.raises(ValueError, match="Leave the path out"):
        mtkd.datasets.load("digits", tmp_path)


def test_its_tasks_are_told_without_it(problem):
    assert PROBLEMS["digit-and-clothing"].tasks == tuple(problem.tasks)
