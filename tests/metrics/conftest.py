"""What several files of this room look at."""

import pytest

from metrics.dense_pictures import pictures


@pytest.fixture(scope="package")
def data():
    return pictures()
