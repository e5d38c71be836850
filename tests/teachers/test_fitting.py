import keras
import pytest
from helpers import toy_data, toy_losses, toy_model

import keras_mtkd as mtkd
from keras_mtkd._backend import progress
from keras_mtkd._backend.keras_compat import rate_of
from keras_mtkd.teachers.fitting import Watch, new_optimizer, steps_per_epoch


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


def test_a_watch_tells_how_far_a_training_is():
    keras.utils.set_random_seed(0)
    model = mtkd.MultiTaskDistiller(toy_model(), {})
    model.compile("sgd", loss=toy_losses())
    x, y = toy_data()

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    heard = []
    with progress.told_to(heard.append):
        model.fit(x, y, len(x), epochs=4, verbose=0, callbacks=[Stop(), Watch("student", 0.5)])
    assert [event.kind for event in heard] == ["begins", "goes on", "goes on", "ends"]
    # What was stopped early is done as well.
    assert [event.part for event in heard] == [0, 0.125, 0.125, 0.25]
    assert {event.training for event in heard} == {"student"}
    assert heard[-1].seconds > 0
