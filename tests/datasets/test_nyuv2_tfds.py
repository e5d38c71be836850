"""The real loading code on mock data of tensorflow-datasets; nothing is downloaded."""

import sys
import time

import numpy as np
import pytest

import keras_mtkd as mtkd

# The function of the name hides its module.
nyuv2_tfds = sys.modules["keras_mtkd.datasets.nyuv2_tfds"]

pytestmark = pytest.mark.extra("tensorflow", "tensorflow_datasets", "importlib_resources")


@pytest.fixture
def problem(monkeypatch):
    monkeypatch.setattr(nyuv2_tfds, "check_reachable", lambda url: None)
    import tensorflow_datasets as tfds

    def plane(*args, **kwargs):
        import tensorflow as tf

        examples = {
            "image": np.full((4, 480, 640, 3), 51, "uint8"),
            "depth": np.full((4, 480, 640), 2.0, "float16"),
        }
        return tf.data.Dataset.from_tensor_slices(examples)

    with tfds.testing.mock_data(num_examples=4, as_dataset_fn=plane):
        yield mtkd.datasets.nyuv2_tfds((32, 64), splits=("train",) * 3, widths=(4,))


@pytest.mark.filterwarnings("ignore")
def test_depth_and_normals(problem):
    x, y = next(iter(problem.test))
    assert list(problem.tasks) == ["depth", "normal"]
    np.testing.assert_allclose(x, np.full((2, 32, 64, 3), 0.2), rtol=1e-5)
    np.testing.assert_array_equal(y["depth"], np.full((2, 32, 64, 1), 2.0))
    inner = y["normal"].numpy()[:, 1:-1, 1:-1]
    np.testing.assert_allclose(inner, np.broadcast_to([0.0, 0.0, -1.0], inner.shape), atol=1e-5)
    assert int(problem.train.cardinality()) == 2


@pytest.mark.filterwarnings("ignore")
def test_it_trains(problem):
    student = problem.student()
    distiller = mtkd.MultiTaskDistiller(student, {})
    distiller.compile("sgd", loss=problem.losses(), metrics=problem.metrics())
    history = distiller.fit(problem.train, epochs=1, verbose=0).history
    assert np.isfinite(history["normal_loss"]).all()


def test_without_a_network_it_is_a_sentence(monkeypatch, tmp_path):
    import tensorflow_datasets as tfds

    def fail(*args, **kwargs):
        raise tfds.download.DownloadError("Failed to get url https://there. HTTP code: 503.")

    monkeypatch.setattr(nyuv2_tfds, "check_reachable", lambda url: None)
    monkeypatch.setattr(tfds, "load", fail)
    with pytest.raises(OSError, match="^NYU Depth v2 could not be downloaded: .*503. .*`data_dir`"):
        mtkd.datasets.nyuv2_tfds(data_dir=str(tmp_path))


def test_a_host_that_cannot_be_reached_is_told_within_seconds(monkeypatch, tmp_path):
    import requests

    asked = []

    def unreachable(url, **options):
        asked.append(url)
        raise requests.ConnectionError("Name or service not known")

    monkeypatch.setattr(requests, "head", unreachable)
    start = time.perf_counter()
    with pytest.raises(OSError, match=r"downloaded: 'datasets\.lids.* cannot be reached\. Where"):
        mtkd.datasets.nyuv2_tfds(data_dir=str(tmp_path))
    assert time.perf_counter() - start < 15
    assert len(asked) == 3


def test_the_network_is_not_asked_for_what_is_there(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(nyuv2_tfds, "check_reachable", asked.append)

    class Builder:
        data_path = tmp_path / "nyu_depth_v2" / "0.0.1"
        url_infos = {"http://there.org/depth.tar.gz": None}  # noqa: RUF012
        prepared = True

        def is_prepared(self):
            return self.prepared

    builder = Builder()
    nyuv2_tfds._check_network(builder)
    assert asked == []
    builder.prepared = False
    nyuv2_tfds._check_network(builder)
    assert asked == list(builder.url_infos)
    folder = tmp_path / "downloads" / "nyu_depth_v2"
    folder.mkdir(parents=True)
    (folder / "there.org_depth123.tar.gz").touch()
    nyuv2_tfds._check_network(builder)
    assert len(asked) == 1
