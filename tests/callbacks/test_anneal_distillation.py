import math

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.callbacks import AnnealDistillation


def distiller(rate=0.0):
    keras.utils.set_random_seed(0)
    ways = [mtkd.FeatureDistillation("features", weight=3.0), mtkd.LogitDistillation()]
    model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ways)
    model.compile(keras.optimizers.SGD(rate), loss=toy_losses())
    return model


def fit(model, *callbacks, epochs=5):
    x, y = toy_data()
    return model.fit(
        x, y, batch_size=len(x), epochs=epochs, verbose=0, callbacks=list(callbacks)
    ).history


class TestFactor:
    def test_linear(self):
        anneal = AnnealDistillation(start=2.0, end=1.0)
        assert [anneal.factor(e, 5) for e in range(5)] == [2.0, 1.75, 1.5, 1.25, 1.0]

    def test_cosine(self):
        anneal = AnnealDistillation(shape="cosine")
        expected = [(1 + math.cos(math.pi * e / 4)) / 2 for e in range(5)]
        assert [anneal.factor(e, 5) for e in range(5)] == pytest.approx(expected)

    def test_from_and_until(self):
        anneal = AnnealDistillation(start=0.0, end=1.0, begin=0.25, until=0.5)
        assert [anneal.factor(e, 9) for e in range(9)] == [0, 0, 0, 0.5, 1, 1, 1, 1, 1]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"start": -1.0}, "must not be negative"),
            ({"shape": "x"}, "`shape` must be one of"),
            ({"begin": 0.5, "until": 0.5}, "0 <= begin < until <= 1"),
        ],
    )
    def test_refusals(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            AnnealDistillation(**arguments)


class TestTraining:
    def test_multiplies_the_weight_of_one_distillation(self):
        model = distiller()
        history = fit(model, AnnealDistillation("features"))
        features = np.array(history["a_features_distillation_loss"])
        logits = np.array(history["a_logits_distillation_loss"])
        factors = np.linspace(1, 0, 5)
        np.testing.assert_allclose(history["features_way_weight"], factors)
        assert "logits_way_weight" not in history
        np.testing.assert_allclose(
            history["a_distillation_loss"], 3.0 * factors * features + logits, rtol=1e-5
        )

    def test_all_distillations(self):
        history = fit(distiller(), AnnealDistillation(end=0.5))
        assert history["features_way_weight"] == history["logits_way_weight"]

    def test_weight_0_is_plain_multi_task_learning(self):
        model = distiller(0.1)
        fit(model, AnnealDistillation(start=0.0, end=0.0), epochs=3)
        plain = distiller(0.1)
        plain.distillation_weights.assign([0.0, 0.0])
        fit(plain, epochs=3)
        for one, other in zip(model.student.weights, plain.student.weights, strict=True):
            np.testing.assert_allclose(np.array(one), np.array(other), atol=1e-6)

    def test_unknown_distillation(self):
        with pytest.raises(ValueError, match=r"no distillation 'x'. The distiller has:.*logits"):
            fit(distiller(), AnnealDistillation("x"))

    def test_without_distillations(self, tmp_path):
        model = mtkd.MultiTaskDistiller(toy_model(), {})
        model.compile("sgd", loss=toy_losses())
        fit(model, AnnealDistillation(), epochs=1)
        model.save(tmp_path / "plain.keras")
        assert keras.saving.load_model(
            tmp_path / "plain.keras"
        ).distillation_loss_weights.shape == (0,)
