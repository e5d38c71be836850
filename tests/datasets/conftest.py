import numpy as np
import pytest
from forward import weights_of_numpy
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
