"""1, 2 and 4 replicas make the same update."""

import keras
import numpy as np
import pytest
from helpers import snapshot, toy_data, toy_losses, toy_model, toy_teachers
from replicas import on_replicas

import keras_mtkd as mtkd
from keras_mtkd.balancing import Balancing


def trained(balancing):
    """Six steps of 16 samples."""
    keras.utils.set_random_seed(1)
    x, y = toy_data()
    data = mtkd.datasets.ArrayDataset(x, y, batch_size=16)
    ways = [mtkd.FeatureDistillation("features")]
    model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ways, balancing=balancing())
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        loss=toy_losses(),
        adaptor_optimizer=keras.optimizers.Adam(0.01),
    )
    history = model.fit(data, epochs=2, verbose=0, shuffle=False).history
    return history, snapshot(model.student)


BALANCINGS = {
    "cdtt": lambda: Balancing("cdtt"),
    "multibalance": lambda: Balancing("multibalance", "all", level="parameters"),
    "famo": lambda: Balancing("famo"),
    "fs_mtl": lambda: Balancing(mtkd.balancing.FSMTL("multibalance", rho=0.1)),
    "imtl_g": lambda: Balancing("imtl_g", level="parameters"),
    "gradnorm": lambda: Balancing("gradnorm", "two_level"),
    "dwa": lambda: Balancing("dwa"),
    "uncertainty": lambda: Balancing("uncertainty"),
}
# Every place where weights are made, on two replicas; what takes longer with the slow ones.
CASES = [
    (2, "cdtt"),
    (2, "multibalance"),
    *(
        pytest.param(*case, marks=pytest.mark.slow)
        for case in [
            *((2, name) for name in list(BALANCINGS)[2:]),
            *((4, name) for name in ("cdtt", "multibalance", "famo")),
        ]
    ),
]


@pytest.mark.parametrize(("replicas", "name"), CASES)
def test_replicas_give_what_one_device_gives(replicas, name):
    balancing = BALANCINGS[name]
    history, weights = trained(balancing)
    theirs, their_weights = on_replicas(replicas, lambda: trained(balancing))
    for key, values in history.items():
        np.testing.assert_allclose(values, theirs[key], rtol=1e-5, atol=1e-5, err_msg=key)
    for one, other in zip(weights, their_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
