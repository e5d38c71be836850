"""The real loading code on mock data of tensorflow-datasets; nothing is downloaded."""

import numpy as np
import pytest

import keras_mtkd as mtkd

pytestmark = pytest.mark.extra("tensorflow", "tensorflow_datasets")


@pytest.fixture
def problem():
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

    monkeypatch.setattr(tfds, "load", fail)
    with pytest.raises(OSError, match="^NYU Depth v2 could not be downloaded: .*503. .*`data_dir`"):
        mtkd.datasets.nyuv2_tfds(data_dir=str(tmp_path))
