"""What a head predicts: told by its loss, or by the user; never are logits taken for labels."""

from functools import partial

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers
from keras import ops
from scipy.special import log_softmax, softmax

import keras_mtkd as mtkd
from keras_mtkd import losses

LOGIT = mtkd.LogitDistillation


def weighted(y_true, y_pred):
    return 3.0 * keras.losses.binary_crossentropy(y_true, y_pred, from_logits=True)


class Focal(keras.losses.Loss):
    """A loss of classes that says nothing about it."""

    def call(self, y_true, y_pred):
        log_p = ops.log_softmax(y_pred, axis=-1)
        return -ops.sum(y_true * (1 - ops.exp(log_p)) ** 2 * log_p, axis=-1)


class Telling(Focal):
    predicts, from_logits = "class", True


class Calling:
    def __call__(self, y_true, y_pred):
        return ops.mean(y_true * y_pred, axis=-1)


def models(size=3, activation=None):
    inputs = keras.Input((6,))
    made = [keras.layers.Dense(size, activation=activation)(inputs) for _ in range(2)]
    return [keras.Model(inputs, {"a": output}) for output in made]


def term_of(way, loss, activation=None, size=3):
    student, teacher = models(size, activation)
    distiller = mtkd.MultiTaskDistiller(student, {"a": teacher}, [way])
    distiller.compile("sgd", loss=loss)
    return distiller.wiring.terms[0]


@pytest.mark.parametrize(
    "loss",
    [
        weighted,
        lambda y, p: weighted(y, p),
        partial(weighted),
        Calling(),
        Focal(),
        keras.losses.Hinge(),
        keras.losses.CategoricalHinge(),
        keras.losses.Dice(),
        "tversky",
    ],
)
def test_who_distils_a_head_of_unknown_kind_is_asked(loss):
    with pytest.raises(ValueError, match=r"Distillation 'logits' of task 'a'.*kind='binary'"):
        term_of(LOGIT(), loss)


@pytest.mark.parametrize(
    ("kind", "expected"), [("class", losses.LogitKL), ("binary", losses.BinaryLogitKL)]
)
@pytest.mark.parametrize("loss", [weighted, Focal(), keras.losses.SquaredHinge()])
def test_the_kind_that_is_given(kind, expected, loss):
    for given in (kind, {"a": kind}):
        distance = term_of(LOGIT(temperature=3.0, kind=given), loss).distance
        assert type(distance) is expected
        assert (distance.temperature, distance.from_logits) == (3.0, True)


@pytest.mark.parametrize(
    ("loss", "activation", "expected", "from_logits"),
    [
        (Telling(), None, losses.LogitKL, True),
        (Focal(), "softmax", losses.LogitKL, False),
        (keras.losses.Dice(), "sigmoid", losses.BinaryLogitKL, False),
        (keras.losses.Tversky(), "softmax", losses.LogitKL, False),
        (keras.losses.CategoricalGeneralizedCrossEntropy(), "softmax", losses.LogitKL, False),
        (keras.losses.BinaryFocalCrossentropy(from_logits=True), None, losses.BinaryLogitKL, True),
        ("kl_divergence", "softmax", losses.LogitKL, False),
        ("crossentropy", "softmax", losses.LogitKL, False),
        (
            partial(keras.losses.categorical_crossentropy, from_logits=True),
            None,
            losses.LogitKL,
            True,
        ),
    ],
)
def test_the_kind_that_loss_and_head_tell(loss, activation, expected, from_logits):
    distance = term_of(LOGIT(), loss, activation).distance
    assert type(distance) is expected
    assert distance.from_logits is from_logits


def test_numbers_by_a_loss_of_the_users():
    loss = losses.get(lambda y, p: ops.mean(ops.abs(y - p), axis=-1))
    assert term_of(LOGIT(kind="regression"), loss).distance is loss


@pytest.mark.parametrize("kind", ["classes", {"a": "logit"}])
def test_an_unknown_kind(kind):
    with pytest.raises(ValueError, match=r"`kind` must be one of \('class', 'binary', 'regr"):
        LOGIT(kind=kind)


def test_correction_asks_for_the_kind():
    with pytest.raises(ValueError, match=r"calibrates or corrects task 'a'.*pass `kind=`"):
        term_of(LOGIT(margin=1.0), Focal())
    assert term_of(LOGIT(margin=1.0, kind="class"), Focal()).head.kind == "class"


@pytest.mark.parametrize(
    "make",
    [
        lambda: mtkd.CrossTaskDistillation("a", np.ones((3, 3)), "a"),
    ],
)
def test_what_is_only_for_classes_takes_any_loss_that_may_be_of_classes(make):
    assert term_of(make(), Focal()).head.kind == "class"


def test_the_losses_of_keras_as_distances_get_probabilities():
    """Cross-entropy with the teacher's distribution, whatever form it comes in."""
    x, _ = toy_data()
    student, teacher = models()
    inputs = keras.Input((6,))
    squashed = keras.Model(inputs, keras.layers.Softmax()(teacher(inputs)["a"]))
    logits, mine = (each.predict(x, verbose=0)["a"] for each in (teacher, student))
    expected = -(softmax(logits, -1) * log_softmax(mine, -1)).sum(-1).mean()
    way = LOGIT(loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    for each in (teacher, squashed):
        distiller = mtkd.MultiTaskDistiller(student, {"a": each}, [way])
        distiller.compile(keras.optimizers.SGD(0.0), loss=toy_losses()["a"])
        y = {"a": np.zeros(len(x), "int32")}
        history = distiller.fit(x, y, batch_size=len(x), verbose=0).history
        assert history["a_distillation_loss"][0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ("sparse_categorical_crossentropy", "takes class numbers for labels"),
        ("kl_divergence", r"takes probabilities, and the student gives logits.*from_logits=True"),
        (keras.losses.BinaryCrossentropy(), "takes probabilities, and the student gives logits"),
    ],
)
def test_distances_that_cannot_take_predictions(loss, message):
    with pytest.raises(ValueError, match=message):
        term_of(LOGIT(loss=loss), toy_losses()["a"])


def test_options_are_saved_and_older_configs_load():
    ways = [
        LOGIT(kind={"a": "class"}, teacher_from_logits={"a": False}),
        mtkd.KerasDistillation(keras.distillation.LogitsDistillation(), teacher_from_logits=True),
        mtkd.CrossTaskDistillation("a", np.ones((3, 3)), "a", teacher_from_logits=False),
    ]
    for way in ways:
        config = keras.saving.serialize_keras_object(way)
        again = keras.saving.deserialize_keras_object(config)
        assert again.teacher_from_logits == way.teacher_from_logits
        assert again.get_config() == way.get_config()
        for new in ("kind", "teacher_from_logits"):
            config["config"].pop(new, None)
        old = keras.saving.deserialize_keras_object(config)
        assert old.teacher_from_logits is None
    assert ways[0].kind == {"a": "class"}


def test_older_configs_of_distances_load():
    for loss in (losses.LogitKL(2.0), losses.BinaryLogitKL(2.0)):
        config = {key: value for key, value in loss.get_config().items() if key != "axis"}
        assert type(loss).from_config(config).axis == -1


def test_unknown_kinds_train_where_nothing_is_distilled():
    model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), [LOGIT(["b"])])
    loss = {
        **toy_losses(),
        "a": lambda y, p: keras.losses.sparse_categorical_crossentropy(y, p, True),
    }
    model.compile("sgd", loss=loss)
    x, y = toy_data()
    assert np.isfinite(model.fit(x, y, verbose=0).history["a_loss"]).all()
