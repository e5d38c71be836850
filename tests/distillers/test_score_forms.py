"""Scores of models whose form nothing but their answers tells, against NumPy."""

import warnings

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import expit, softmax

import keras_mtkd as mtkd
from keras_mtkd.distillers.scores import task_scores, teacher_scores

DRAWN = np.random.default_rng(0)
X = DRAWN.normal(size=(80, 2)).astype("float32")
SOLD = (X[:, :1] + 0.5 * DRAWN.normal(size=(80, 1)) > 0).astype("float32")
KIND = (X[:, 0] > X[:, 1]).astype("int32")


class Own(keras.layers.Layer):
    """A layer of which nothing is known."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


def model(*functions, width=1):
    """Logits `x` that layers and operations come after."""
    inputs = keras.Input((2,))
    x = inputs[:, :width]
    for function in functions:
        x = function(x)
    return keras.Model(inputs, {"sold": x})


def task(from_logits, loss=keras.losses.BinaryCrossentropy):
    return {"sold": mtkd.Task("sold", None, loss(from_logits=from_logits), ["accuracy"])}


def found(made, from_logits, data=(X, {"sold": SOLD}), **given):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        score = task_scores(made, task(from_logits), data, **given)["sold"]["accuracy"]
    said = [str(word.message) for word in caught]
    return score, [word for word in said if "logits or probabilities" in word]


P = expit(X[:, :1])
ENDINGS = {
    "calibrated": (lambda p: 0.02 + 0.96 * p, 0.02 + 0.96 * P),
    "shifted": (lambda p: 0.3 * p, 0.3 * P),
    "turned": (lambda p: 1.0 - p, 1 - P),
    "rescaled": (keras.layers.Rescaling(-1.0, 1.0), 1 - P),
    "clipped": (lambda p: ops.clip(p, 0.05, 0.95), P.clip(0.05, 0.95)),
    "own": (Own(lambda p: p), P),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_probabilities_behind_arithmetic_where_the_loss_takes_logits(ending):
    after, values = ENDINGS[ending]
    score, said = found(model(ops.sigmoid, after), True)
    assert score == pytest.approx(np.mean((values > 0.5) == SOLD), abs=1e-6)
    # Clipping is known for what it keeps.
    assert len(said) == (ending != "clipped")


@pytest.mark.parametrize(
    ("scale", "from_logits", "words"), [(1.0, True, 0), (1.0, False, 1), (0.02, True, 1)]
)
def test_logits_of_a_layer_that_nothing_is_known_of(scale, from_logits, words):
    score, said = found(model(Own(lambda x: scale * x)), from_logits)
    assert score == pytest.approx(np.mean((X[:, :1] > 0) == SOLD), abs=1e-6)
    assert len(said) == words


def test_classes_lose_no_word_and_keep_their_crossentropy():
    loss = keras.losses.SparseCategoricalCrossentropy
    metric = keras.metrics.SparseCategoricalCrossentropy(name="entropy")
    asked = {"sold": mtkd.Task("sold", None, loss(from_logits=True), [metric])}
    squashed = model(lambda x: ops.softmax(x) * 1.0, width=2)
    with pytest.warns(UserWarning, match="add up to 1"):
        scores = task_scores(squashed, asked, (X, {"sold": KIND}))
    right = -np.log(softmax(X, axis=-1)[np.arange(80), KIND]).mean()
    assert scores["sold"]["entropy"] == pytest.approx(right, rel=1e-4)


def test_a_crossentropy_that_goes_by_the_number_of_classes_takes_probabilities():
    asked = {"sold": mtkd.Task("sold", None, "crossentropy", ["accuracy"])}
    with pytest.warns(UserWarning, match="go beyond 0 and 1"):
        scores = task_scores(model(Own(lambda x: x)), asked, (X, {"sold": SOLD}))
    # Of a model whose graph tells likewise, without a word.
    assert scores == task_scores(model(lambda x: 2.0 * x), asked, (X, {"sold": SOLD}))
    right = np.mean((X[:, :1] > 0) == SOLD)
    assert scores["sold"]["accuracy"] == pytest.approx(right, abs=1e-6)


def test_a_compiled_loss_tells_without_a_word():
    made = model(Own(ops.sigmoid))
    made.compile(loss={"sold": keras.losses.BinaryCrossentropy()})
    right = pytest.approx(np.mean((X[:, :1] > 0) == SOLD), abs=1e-6)
    assert found(made, True) == (right, [])
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*logits or probabilities")
        assert teacher_scores({"sold": made}, task(True), (X, {"sold": SOLD})) == {"sold": right}


def test_of_a_model_that_the_tasks_trained_no_answer_is_looked_at():
    score, said = found(model(Own(ops.sigmoid)), True, look=False)
    # All are logits above 0.
    assert (score, said) == (pytest.approx(SOLD.mean()), [])


def test_data_that_is_read_once_is_left_whole():
    batches = ((X[i : i + 40], {"sold": SOLD[i : i + 40]}) for i in (0, 40))
    score, said = found(model(Own(lambda x: x)), True, batches)
    assert score == pytest.approx(np.mean((X[:, :1] > 0) == SOLD), abs=1e-6)
    assert len(said) == 1
    assert "read once" in said[0]


@pytest.mark.parametrize("measure", ["evaluate_tasks", "delta_mtl"])
def test_it_reaches_users(measure):
    made, right = model(Own(ops.sigmoid)), np.mean((X[:, :1] > 0) == SOLD)
    data = mtkd.datasets.ArrayDataset(X, {"sold": SOLD}, batch_size=32)
    with pytest.warns(UserWarning, match="task 'sold' gives logits or probabilities"):
        if measure == "evaluate_tasks":
            problem = mtkd.Problem("p", list(task(True).values()), lambda: None, data, data)
            score = mtkd.experiments.evaluate_tasks(made, problem, data)["sold"]["accuracy"]
        else:
            tasks = task(True)
            judged = mtkd.callbacks.DeltaMTL(tasks, teachers={"sold": made}, data=data)
            judged.on_train_begin()
            score = judged.single_task["sold"]
    assert score == pytest.approx(right, abs=1e-6)
