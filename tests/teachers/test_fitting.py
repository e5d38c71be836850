import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model

import keras_mtkd as mtkd
from keras_mtkd._backend.keras_compat import rate_of
from keras_mtkd.teachers.fitting import EpochBar, new_optimizer, steps_per_epoch


def test_steps_of_data_sets():
    x, y = toy_data()
    assert steps_per_epoch(mtkd.datasets.ArrayDataset(x, y, batch_size=20)) == 3
    assert steps_per_epoch([1, 2]) == 2
    with pytest.raises(ValueError, match="known, positive number of batches"):
        steps_per_epoch(iter([]))
    with pytest.raises(ValueError, match="Received: 0 batches"):
        steps_per_epoch([])


def test_rate_falls_to_zero_over_the_run():
    rate = rate_of(new_optimizer(0.1, 10))
    assert float(rate(0)) == pytest.approx(0.1)
    assert float(rate(10)) == pytest.approx(0.0, abs=1e-8)


def test_other_decays():
    rate = rate_of(new_optimizer(0.1, 10, "half"))
    assert [float(rate(step)) for step in (0, 4, 5, 9)] == pytest.approx([0.1, 0.1, 0.05, 0.05])
    assert float(new_optimizer(0.1, 10, "constant").learning_rate) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="Received: decay='steep'"):
        new_optimizer(0.1, 10, "steep")


def test_bar_shows_epochs_and_losses_alone(capsys):
    keras.utils.set_random_seed(0)
    model = mtkd.MultiTaskDistiller(toy_model(), {})
    model.compile("sgd", loss=toy_losses())
    x, y = toy_data()
    history = model.fit(
        x, y, len(x), epochs=3, verbose=0, validation_data=(x, y), callbacks=[EpochBar()]
    ).history
    text = capsys.readouterr().out
    assert "3/3" in text
    assert "/epoch" in text
    assert f"val_loss: {history['val_loss'][-1]:.4f}" in text
    assert "a_loss" not in text
    assert np.isfinite(history["loss"]).all()
