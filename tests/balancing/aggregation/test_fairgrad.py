import numpy as np
import pytest
from balancing import gradient_oracles as oracles
from balancing.gradient_sets import difference, gradients, weights_of

from keras_mtkd import balancing

SIZES = (2, 3, 6)


@pytest.mark.traced
@pytest.mark.parametrize("scales", [False, True])
@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 5.0])
def test_fair_updates_maximise_the_utility_and_satisfy_their_equation(alpha, scales):
    for tasks in SIZES if alpha == 2.0 else (3,):
        found = gradients(tasks, tasks, scales)
        weights = weights_of(balancing.FairGrad(alpha), found)
        direction = weights @ found
        # The general solver does not converge on utilities of such different gains; the equation
        # holds for the one solution only.
        if not scales:
            best = oracles.fair_direction(found, alpha)
            assert difference(direction / np.linalg.norm(direction), best) < 2e-3
        np.testing.assert_allclose(found @ direction, weights ** (-1 / alpha), rtol=1e-2)
        assert np.all(weights > 0)
