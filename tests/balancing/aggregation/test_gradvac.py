import numpy as np
import pytest
from balancing import gradient_oracles as oracles
from balancing.gradient_sets import difference, gradients, gram_of, step_of
from balancing.published import TORCHJD

from keras_mtkd import balancing


@pytest.mark.traced
def test_vaccine_turns_to_the_usual_cosines_over_steps():
    method, tasks = balancing.GradVac(beta=0.5), 4
    steps, state = step_of(method), method.initial_state(tasks)
    usual = np.zeros((tasks, tasks))
    for seed in range(6):
        found = gradients(seed, tasks)
        weights, state = steps(gram_of(found), None, state)
        assert difference(weights @ found, oracles.vaccine(found, usual, 0.5)) < 1e-3
        np.testing.assert_allclose(state["cosines"], usual, atol=1e-4)


@pytest.mark.parametrize("case", [0, 1])
def test_vaccine_over_two_steps_is_the_published_one(case):
    method = balancing.GradVac(beta=0.5)
    steps, state = step_of(method), method.initial_state(2)
    found = np.array(TORCHJD[case]["gradients"])
    for published in TORCHJD[case]["updates"]["gradvac"]:
        weights, state = steps(gram_of(found), None, state)
        assert difference(weights @ found, np.array(published)) < 1e-3
