import pytest
from forward import weights_of_numpy


@pytest.fixture(scope="module", autouse=True)
def _weights_of_numpy():
    with weights_of_numpy():
        yield
