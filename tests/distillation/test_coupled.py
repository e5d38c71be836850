"""The two ways of using a table that ties labels."""

import keras
import numpy as np
import pytest
from scipy.special import log_softmax, softmax

import keras_mtkd as mtkd

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(10, 4)).astype("float32")
Y = {"a": GENERATOR.integers(3, size=10), "b": GENERATOR.integers(2, size=10)}
TABLE = np.array([[0.9, 0.1], [0.5, 0.5], [0.0, 1.0]])


def student(activation=None):
    inputs = keras.Input((4,))
    units = {"a": 3, "b": 2}
    return keras.Model(
        inputs, {t: keras.layers.Dense(u, activation, name=t)(inputs) for t, u in units.items()}
    )


def fitted(way, model=None, from_logits=True, weight=None, rate=0.0, steps=1):
    distiller = mtkd.MultiTaskDistiller(model or student(), {}, [way], {"a": 0.0, "b": 0.0})
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    distiller.compile(keras.optimizers.SGD(rate), loss=loss)
    x, y = np.tile(X, (steps, 1)), {task: np.tile(labels, steps) for task, labels in Y.items()}
    history = distiller.fit(x, y, 10, 1, 0, sample_weight=weight, shuffle=False).history
    return distiller, history["b_distillation_loss"]


class TestDistributionMatching:
    @pytest.mark.parametrize("from_logits", [True, False])
    def test_value(self, from_logits):
        model = student(None if from_logits else "softmax")
        way = mtkd.DistributionMatching(mtkd.LabelCoupling(TABLE), "a", "b")
        found = fitted(way, model, from_logits)[1][0]
        a, b = (model.predict(X, verbose=0)[task] for task in "ab")
        p, log_q = (softmax(a, -1), log_softmax(b, -1)) if from_logits else (a, np.log(b))
        assert found == pytest.approx(-(p @ TABLE * log_q).sum(-1).mean(), rel=1e-5)

    @pytest.mark.traced
    def test_the_source_does_not_move_and_the_task_arrives(self):
        model = student()
        before = [np.array(w) for w in model.get_layer("a").weights]
        way = mtkd.DistributionMatching(mtkd.LabelCoupling(TABLE), "a", "b")
        fitted(way, model, rate=1.0, steps=300)
        assert all(map(np.array_equal, before, map(np.array, model.get_layer("a").weights)))
        a, b = (softmax(model.predict(X, verbose=0)[task], -1) for task in "ab")
        assert np.abs(a @ TABLE - b).max() < 0.1


class TestSoftCoAnnotation:
    def test_only_where_the_source_is_known_and_the_task_is_not(self):
        model, known = student(), {"a": np.ones(10), "b": np.ones(10)}
        known["a"][:3], known["b"][2:8] = 0.0, 0.0
        way = mtkd.SoftCoAnnotation(mtkd.LabelCoupling(TABLE), "a", "b")
        found = fitted(way, model, weight=known)[1][0]
        log_q = log_softmax(model.predict(X, verbose=0)["b"], -1)
        each = -(TABLE[Y["a"]] * log_q).sum(-1)
        assert found == pytest.approx(each[3:8].sum() / 10, rel=1e-5)

    def test_all_samples_without_weights(self):
        model = student()
        found = fitted(mtkd.SoftCoAnnotation(mtkd.LabelCoupling(TABLE), "a", "b"), model)[1][0]
        log_q = log_softmax(model.predict(X, verbose=0)["b"], -1)
        assert found == pytest.approx(-(TABLE[Y["a"]] * log_q).sum(-1).mean(), rel=1e-5)


@pytest.mark.parametrize("cls", [mtkd.DistributionMatching, mtkd.SoftCoAnnotation])
class TestBoth:
    def test_saved(self, cls, tmp_path):
        distiller, value = fitted(cls(mtkd.LabelCoupling(TABLE), "a", "b", weight=2.0))
        distiller.save(tmp_path / "d.keras")
        loaded = keras.saving.load_model(tmp_path / "d.keras")
        again = loaded.fit(X, Y, 10, 1, 0, shuffle=False).history["b_distillation_loss"]
        assert again == pytest.approx(value, rel=1e-6)

    def test_a_table_of_other_classes(self, cls):
        with pytest.raises(ValueError, match="ties 2 classes to 3"):
            fitted(
                cls(mtkd.LabelCoupling(TABLE), "a", "b").from_config(
                    {
                        **cls(mtkd.LabelCoupling(TABLE), "a", "b").get_config(),
                        "coupling": {"table": [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]},
                    }
                )
            )

    def test_a_source_that_is_not_there(self, cls):
        with pytest.raises(ValueError, match="must be another task"):
            fitted(cls(mtkd.LabelCoupling(TABLE), "c", "b"))

    def test_a_task_without_classes(self, cls):
        distiller = mtkd.MultiTaskDistiller(
            student(), {}, [cls(mtkd.LabelCoupling(TABLE), "a", "b")]
        )
        with pytest.raises(ValueError, match="ties classes"):
            distiller.compile("sgd", loss="mse")
