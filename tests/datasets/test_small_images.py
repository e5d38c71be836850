"""Images of MNIST and Fashion-MNIST from files, or a sentence."""

import keras
import numpy as np
import pytest
from image_arrays import arrays

from keras_mtkd.datasets import small_images
from keras_mtkd.datasets.small_images import fashion_mnist, mnist


def test_the_last_sixth_is_for_validation(files):
    made = arrays(0)
    read = mnist(files["mnist"])
    expected = [slice(0, 50), slice(50, 60), slice(0, 12)]
    for (x, y), rows, part in zip(read, expected, ("train", "train", "test"), strict=True):
        np.testing.assert_array_equal(x, made[f"x_{part}"][rows])
        np.testing.assert_array_equal(y, made[f"y_{part}"][rows])


def test_by_default_keras_downloads(monkeypatch, files):
    for kind, seed in (("mnist", 0), ("fashion_mnist", 1)):
        made = arrays(seed)
        parts = tuple((made[f"x_{part}"], made[f"y_{part}"]) for part in ("train", "test"))
        monkeypatch.setattr(getattr(keras.datasets, kind), "load_data", lambda parts=parts: parts)
        read = getattr(small_images, kind)
        for (x, y), (u, v) in zip(read(None), read(files[kind]), strict=True):
            np.testing.assert_array_equal(x, u)
            np.testing.assert_array_equal(y, v)


def test_without_a_network_it_is_a_sentence(monkeypatch):
    def fail():
        raise Exception("URL fetch failure on https://there: None -- Name or service not known")

    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", fail)
    told = r"^Fashion-MNIST could not be downloaded: URL .*`fashion_mnist.npz` as `path`"
    with pytest.raises(OSError, match=told):
        fashion_mnist(None)


def test_what_is_no_such_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"does not exist. Expected is `mnist.npz` with x"):
        mnist(tmp_path / "none.npz")
    np.savez(tmp_path / "less.npz", **{k: v for k, v in arrays(0).items() if k != "y_test"})
    with pytest.raises(ValueError, match="has no array 'y_test'"):
        mnist(tmp_path / "less.npz")
    np.savez(tmp_path / "flat.npz", **(arrays(0) | {"x_test": np.zeros((12, 784))}))
    with pytest.raises(ValueError, match=r"Received: x_test \(12, 784\)"):
        mnist(tmp_path / "flat.npz")


@pytest.mark.parametrize("content", ["half", "empty", "text"])
def test_a_damaged_file_is_a_sentence(content, tmp_path, files):
    whole = files["mnist"].read_bytes()
    damaged = {"half": whole[:1000], "empty": b"", "text": b"no archive"}[content]
    (tmp_path / "mnist.npz").write_bytes(damaged)
    with pytest.raises(ValueError, match=r"mnist.npz' is damaged: .*Copy it once more"):
        mnist(tmp_path / "mnist.npz")
