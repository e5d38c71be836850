import numpy as np
import pytest
from forward import weights_of_numpy
from image_arrays import KINDS
from image_arrays import arrays as images
from npy_files import COUNTS, arrays


@pytest.fixture(scope="module", autouse=True)
def _weights_of_numpy():
    with weights_of_numpy():
        yield


@pytest.fixture
def folder(tmp_path):
    """Pictures and labels in files, training and validation."""
    for part, count in COUNTS.items():
        for number in range(count):
            made = arrays(number + 100 * (part == "val"))
            made |= {"label_7": made["label"] % 7, "label_19": made["label"]}
            for kind, values in made.items():
                path = tmp_path / part / kind / f"{number}.npy"
                path.parent.mkdir(parents=True, exist_ok=True)
                np.save(path, values.astype("float32"))
    return tmp_path


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """Small images as MNIST and Fashion-MNIST come, `{kind: file}`."""
    made = tmp_path_factory.mktemp("images")
    for seed, name in enumerate(KINDS):
        np.savez(made / f"{name}.npz", **images(seed))
    return {name: made / f"{name}.npz" for name in KINDS}
