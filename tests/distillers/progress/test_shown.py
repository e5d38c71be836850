"""What `fit` and `evaluate` show, and what other callbacks see of it."""

import keras
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.distillers.progress.bar import ShortBar

METRICS = {"a": ["accuracy"], "b": ["mae", "mse"]}
WAYS = [mtkd.FeatureDistillation("features")]
EXPLAINED = "Scores: accuracy of a; mae of b."
DATA = toy_data(samples=16)


def new(kind):
    if kind == "plain":
        model = mtkd.MultiTaskModel(toy_model())
    elif kind == "online":
        model = mtkd.OnlineKD(toy_model(), toy_teachers(), WAYS, warmup=0)
    else:
        model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), WAYS)
    model.compile("sgd", loss=toy_losses(), metrics=METRICS)
    return model


def fit(model, epochs=1, verbose=2, **arguments):
    return model.fit(*DATA, batch_size=16, epochs=epochs, verbose=verbose, **arguments)


class Watcher(keras.callbacks.Callback):
    """Keeps the names of the logs, and whose bars there are."""

    def on_train_batch_end(self, batch, logs=None):
        self.step = list(logs)

    def on_epoch_end(self, epoch, logs=None):
        self.epoch = list(logs)


@pytest.fixture(scope="module", params=["plain", "distiller", "online"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def model(kind):
    return new(kind)


@pytest.fixture(scope="module")
def plain():
    return new("plain")


def test_fit_shows_little_and_tells_all(kind, model, capsys):
    watcher = Watcher()
    seen = fit(model, epochs=2, validation_data=DATA, callbacks=watcher).history
    text = capsys.readouterr().out
    lines = text.split("\n")
    assert text.count(EXPLAINED) == 1
    assert len(lines) == 2 * 5 + 2
    titles = ["distillation", "a", "b"][kind == "plain" :]
    assert lines[2].split() == lines[8].split() == titles
    for place, epoch in ((3, 0), (9, 1)):
        train, val = lines[place].split(), lines[place + 1].split()
        assert train[-1] == f"{seen['b_mae'][epoch]:#.3g}"
        assert val[-1] == f"{seen['val_b_mae'][epoch]:#.3g}"
        if kind != "plain":
            total = seen["a_distillation_loss"][epoch] + seen["b_distillation_loss"][epoch]
            assert train[1] == f"{total:#.3g}"
            assert val[1] == "-"

    every = keras.callbacks.ProgbarLogger()
    other = fit(model, validation_data=DATA, callbacks=[every]).history
    text = capsys.readouterr().out
    assert list(other) == list(seen) == watcher.epoch
    assert "b_mse" in watcher.step
    assert EXPLAINED not in text
    assert all(f" {name}: " in text for name in seen)


def test_evaluate_shows_little_and_returns_all(model, capsys):
    x, y = DATA
    # By place as well.
    found = model.evaluate(x, y, 16, 2, return_dict=True)
    lines = capsys.readouterr().out.split("\n")
    assert lines[0].split(" - ")[-1] == f"loss: {found['loss']:.4f}"
    assert lines[2].split()[-1] == f"{found['b_mae']:#.3g}"
    assert lines[3:] == [EXPLAINED, ""]
    model.evaluate(x, y, verbose=2, callbacks=[keras.callbacks.ProgbarLogger()])
    assert f"b_mse: {found['b_mse']:.4f}" in capsys.readouterr().out
    with pytest.raises(TypeError, match="too many positional"):
        model.evaluate(x, y, 16, 0, None, None, None, True, None)


def test_nothing_is_shown_where_nothing_is_asked_for(plain, capsys):
    given = keras.callbacks.CallbackList([Watcher()], add_history=True, model=plain)
    fit(plain, verbose=0)
    fit(plain, callbacks=given)
    plain.evaluate(*DATA, verbose=0)
    assert capsys.readouterr().out == ""
    assert not any(isinstance(each, ShortBar) for each in given.callbacks)


def test_a_fit_after_one_that_was_interrupted_begins_anew(plain, capsys):
    def stop(batch, logs):
        raise KeyboardInterrupt

    mine = [keras.callbacks.LambdaCallback(on_train_batch_end=stop)]
    with pytest.raises(KeyboardInterrupt):
        fit(plain, verbose=1, callbacks=mine)
    assert len(mine) == 1
    assert "Scores" not in capsys.readouterr().out
    fit(plain)
    fit(plain)
    assert capsys.readouterr().out.count(EXPLAINED) == 2


def test_a_loaded_model_shows_the_same(kind, model, capsys, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    model.evaluate(*DATA, verbose=2)
    first = capsys.readouterr().out.split("\n")
    loaded.evaluate(*DATA, verbose=2)
    assert capsys.readouterr().out.split("\n")[1:] == first[1:]


def test_no_label_is_no_number(plain, capsys):
    x, y = DATA
    with pytest.warns(UserWarning, match="no labels for"):
        plain.evaluate(x, {"b": y["b"]}, verbose=2)
    assert capsys.readouterr().out.split("\n")[1].split() == ["b"]


def test_several_steps_an_execution(capsys):
    model = mtkd.MultiTaskModel(toy_model())
    model.compile("sgd", loss=toy_losses(), metrics=METRICS, steps_per_execution=2)
    seen = model.fit(*DATA, batch_size=8, verbose=1).history
    assert f"{seen['b_mae'][0]:#.3g}" in capsys.readouterr().out.split("\n")[-3]


def test_keras_calls_it_beside_the_steps_as_it_does_its_own():
    alone = keras.callbacks.CallbackList([], add_progbar=True, verbose=1, epochs=1, steps=1)
    ours = keras.callbacks.CallbackList(
        [ShortBar({})], add_progbar=True, verbose=1, epochs=1, steps=1
    )
    assert len(ours.callbacks) == len(alone.callbacks) == 1
    # With another, as with any of a user's, Keras waits where it can do else.
    assert vars(ours)["_async_train"] == (keras.backend.backend() == "jax")
    assert vars(ours)["_async_test"] == (keras.backend.backend() == "jax")
