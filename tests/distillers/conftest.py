"""What several files of this room ask for."""

import pytest
from forward import weights_of_numpy


@pytest.fixture(scope="module")
def numpy_draws_weights():
    with weights_of_numpy():
        yield
