"""What several files of this room look at."""

import numpy as np
import pytest


@pytest.fixture
def pair():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40, 6))
    return x, x @ generator.normal(size=(6, 4)) + generator.normal(size=(40, 4))
