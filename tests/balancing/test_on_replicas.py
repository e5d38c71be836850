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


@pytest.mark.parametrize(
    "balancing",
    [
        lambda: Balancing("cdtt"),
        lambda: Balancing("multibalance", "all", level="parameters"),
        lambda: Balancing(mtkd.balancing.FSMTL("multibalance", rho=0.1)),
        pytest.param(lambda: Balancing("famo"), marks=pytest.mark.slow),
        pytest.param(lambda: Balancing("imtl_g", level="parameters"), marks=pytest.mark.slow),
        pytest.param(lambda: Balancing("gradnorm", "two_level"), marks=pytest.mark.slow),
        pytest.param(lambda: Balancing("dwa"), marks=pytest.mark.slow),
        pytest.param(lambda: Balancing("uncertainty"), marks=pytest.mark.slow),
    ],
    ids=["cdtt", "multibalance", "fs_mtl", "famo", "imtl_g", "gradnorm", "dwa", "uncertainty"],
)
@pytest.mark.parametrize("replicas", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_replicas_give_what_one_device_gives(replicas, balancing):
    history, weights = trained(balancing)
    theirs, their_weights = on_replicas(replicas, lambda: trained(balancing))
    for name, values in history.items():
        np.testing.assert_allclose(values, theirs[name], rtol=1e-5, atol=1e-5, err_msg=name)
    for one, other in zip(weights, their_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
