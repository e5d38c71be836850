"""Updates against TorchJD's on the same gradients (`fixtures/torchjd.json` says how made)."""

import json
from pathlib import Path

import numpy as np
import pytest
from gradient_sets import difference, gram_of, step_of, update

from keras_mtkd import balancing

FIXTURE = Path(__file__).parent / "fixtures" / "torchjd.json"
CASES = json.loads(FIXTURE.read_text("utf-8"))["cases"]

# Method, what TorchJD's update is multiplied by for the number of tasks, and the tolerance:
# TorchJD's UPGrad and CAGrad add 1e-4 of the trace to the Gram matrix, its CAGrad solves by a
# conic solver, its MGDA by Frank-Wolfe steps and its FairGrad by least squares.
SAME = {
    "mgda": (balancing.MGDA(), lambda tasks: 1.0, 5e-3),
    "cagrad": (balancing.CAGrad(0.4, "none"), lambda tasks: 1.0, 5e-3),
    "upgrad": (balancing.UPGrad(), lambda tasks: 1.0, 5e-3),
    "imtl_g": (balancing.IMTLG(), lambda tasks: 1.0, 1e-3),
    # A mean there, a sum here.
    "aligned_mtl": (balancing.AlignedMTL(), float, 1e-3),
    "pcgrad": (balancing.PCGrad(), lambda tasks: 1.0, 1e-3),
    "fairgrad": (balancing.FairGrad(2.0), lambda tasks: 1.0, 5e-3),
}


@pytest.mark.parametrize("case", range(len(CASES)))
@pytest.mark.parametrize("name", SAME)
def test_updates_are_the_published_ones(name, case):
    method, factor, tolerance = SAME[name]
    found = np.array(CASES[case]["gradients"])
    if name not in CASES[case]["updates"]:
        assert name == "pcgrad"
        assert len(found) > 2
        return
    published = factor(len(found)) * np.array(CASES[case]["updates"][name])
    assert difference(update(method, found), published) < tolerance


@pytest.mark.parametrize("case", range(len(CASES)))
def test_direction_of_the_bargain_is_the_published_one(case):
    # Lengths differ: the Gram matrix is normalised there, and the update cut to length 1.
    published = np.array(CASES[case]["updates"]["nash_mtl"])
    step = update(balancing.NashMTL(), np.array(CASES[case]["gradients"]))
    assert difference(step / np.linalg.norm(step), published / np.linalg.norm(published)) < 1e-2


@pytest.mark.parametrize("case", [0, 1])
def test_vaccine_over_two_steps_is_the_published_one(case):
    method = balancing.GradVac(beta=0.5)
    steps, state = step_of(method), method.initial_state(2)
    found = np.array(CASES[case]["gradients"])
    for published in CASES[case]["updates"]["gradvac"]:
        weights, state = steps(gram_of(found), None, state)
        assert difference(weights @ found, np.array(published)) < 1e-3
