import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.datasets.loading import PROBLEMS

SIZES = {"train_size": 40, "validation_size": 20, "test_size": 30}


def arrays(seed, n_train=60, n_test=12):
    generator = np.random.default_rng(seed)
    made = {}
    for part, n in (("train", n_train), ("test", n_test)):
        made[f"x_{part}"] = generator.integers(0, 256, (n, 28, 28)).astype("uint8")
        made[f"y_{part}"] = generator.integers(0, 10, n).astype("uint8")
    return made


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for seed, name in enumerate(("mnist", "fashion_mnist")):
        np.savez(folder / f"{name}.npz", **arrays(seed))
    return {name: folder / f"{name}.npz" for name in ("mnist", "fashion_mnist")}


@pytest.fixture(scope="module")
def problem(files):
    return mtkd.datasets.digit_and_clothing(**files, **SIZES)


def find(image, pool):
    """Row of the image whose uncovered corner this is."""
    return [row for row, other in enumerate(pool) if (other == image).all()]


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


def test_bad_files(tmp_path, files):
    with pytest.raises(FileNotFoundError):
        mtkd.datasets.digit_and_clothing(tmp_path / "none.npz", files["fashion_mnist"])
    np.savez(tmp_path / "less.npz", **{k: v for k, v in arrays(0).items() if k != "y_test"})
    with pytest.raises(ValueError, match="has no array 'y_test'"):
        mtkd.datasets.digit_and_clothing(tmp_path / "less.npz", files["fashion_mnist"])
    np.savez(tmp_path / "flat.npz", **(arrays(0) | {"x_test": np.zeros((12, 784))}))
    with pytest.raises(ValueError, match=r"Received: x_test \(12, 784\)"):
        mtkd.datasets.digit_and_clothing(files["mnist"], tmp_path / "flat.npz")
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


def test_without_a_network_it_is_a_sentence(monkeypatch):
    def fail():
        raise Exception("URL fetch failure on https://there: None -- Name or service not known")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)
    with pytest.raises(OSError, match="could not be downloaded: URL .*`mnist.npz`.*`path`"):
        mtkd.datasets.digit_and_clothing()


def test_a_wrong_folder_and_a_damaged_file_are_sentences(tmp_path, files):
    with pytest.raises(FileNotFoundError, match="does not exist. Expected are `mnist.npz` and"):
        mtkd.datasets.load("digit-and-clothing", tmp_path)
    whole = files["mnist"].read_bytes()
    for name, content in (("half", whole[:1000]), ("empty", b""), ("text", b"no archive")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}' is damaged: .*Copy it once more"):
            mtkd.datasets.digit_and_clothing(tmp_path / name, files["fashion_mnist"])


def test_its_tasks_are_told_without_it(problem):
    assert PROBLEMS["digit-and-clothing"].tasks == tuple(problem.tasks)
