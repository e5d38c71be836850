"""Updates against TorchJD's on the same gradients (`fixtures/torchjd.json` says how made)."""

import numpy as np
import pytest

from balancing.gradient_sets import difference, update
from balancing.published import TORCHJD
from keras_mtkd import balancing

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


@pytest.mark.parametrize("case", range(len(TORCHJD)))
@pytest.mark.parametrize("name", SAME)
def test_updates_are_the_published_ones(name, case):
    method, factor, tolerance = SAME[name]
    found = np.array(TORCHJD[case]["gradients"])
    if name not in TORCHJD[case]["updates"]:
        assert name == "pcgrad"
        assert len(found) > 2
        return
    published = factor(len(found)) * np.array(TORCHJD[case]["updates"][name])
    assert difference(update(method, found), published) < tolerance
