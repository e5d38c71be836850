from types import SimpleNamespace

from keras_mtkd.distillers.epoch_hooks import Epochs


def test_the_model_is_told_of_epochs_with_their_logs():
    told = []
    model = SimpleNamespace(begin_epoch=lambda: told.append("begin"), end_epoch=told.append)
    callback = Epochs()
    callback.set_model(model)
    logs = {"loss": 1.0}
    callback.on_epoch_begin(0)
    callback.on_epoch_end(0, logs)
    callback.on_epoch_end(1)
    assert told == ["begin", logs, {}]
    assert told[1] is logs
