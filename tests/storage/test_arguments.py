"""What losses and metrics were given is in files, and in copies."""

import inspect

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd._storage.arguments import config_of, make_again, pack

# What the constructors cannot do without.
NEEDED = {"num_classes": 3, "target_class_ids": [0], "fn": keras.losses.huber}
OTHER = {"q": 0.3, "num_thresholds": 7, "thresholds": [0.2, 0.4], "ignore_class": 1, "class_id": 1}
OTHER |= {"threshold": 0.3, "top_k": 2, "name": "other", "dtype": "float16", "average": "micro"}
OTHER |= dict.fromkeys(("specificity", "sensitivity", "recall", "precision"), 0.3)
FIXED = ("self", "reduction", "weights", "sparse_y_true", "sparse_y_pred")


def another(name, default):
    if name in OTHER:
        return OTHER[name]
    if isinstance(default, bool):
        return not default
    if isinstance(default, float):
        return default + 0.5
    return default + 2 if isinstance(default, int) else None


def with_other_arguments(space, base):
    """An object of every class, for each of its arguments that has another value to try."""
    for name in sorted(dir(space)):
        kind = getattr(space, name)
        if not (isinstance(kind, type) and issubclass(kind, base) and kind is not base):
            continue
        known = inspect.signature(kind.__init__).parameters
        needed = {
            key: NEEDED.get(key, OTHER.get(key))
            for key, each in known.items()
            if each.default is each.empty and key not in ("self", "args", "kwargs")
        }
        for key, each in known.items():
            value = None if key in (*FIXED, *needed) else another(key, each.default)
            if value is not None:
                yield pytest.param(
                    lambda k=kind, a={**needed, key: value}: k(**a), key, value, id=f"{name} {key}"
                )


ALL = [
    *with_other_arguments(keras.losses, keras.losses.Loss),
    *with_other_arguments(keras.metrics, keras.metrics.Metric),
]


def test_all_arguments_of_all_losses_and_metrics():
    lost = []
    for case in ALL:
        make, key, value = case.values
        part = make()
        loaded = keras.saving.deserialize_keras_object(pack({"a": [part]}))["a"][0]
        for copy in (loaded, make_again(part)):
            assert type(copy) is type(part)
            if config_of(copy).get(key) != value or config_of(copy) != config_of(part):
                lost.append(case.id)
    assert lost == []
    assert {"Huber delta", "CosineSimilarity axis", "AUC num_thresholds"} <= {c.id for c in ALL}


Y_TRUE = np.array([[0.0, 1.0, 4.0], [2.0, 0.0, 9.0]], "float32")
Y_PRED = np.array([[1.0, 1.0, -2.0], [0.0, 3.0, 8.0]], "float32")


@pytest.mark.parametrize(
    "loss",
    [keras.losses.Huber(0.3), keras.losses.CosineSimilarity(axis=0)],
    ids=["huber", "cosine"],
)
@pytest.mark.parametrize(
    "way",
    [
        lambda loss: mtkd.FeatureDistillation("h", adaptor=None, loss=loss),
        lambda loss: mtkd.LogitDistillation(loss=loss),
        lambda loss: mtkd.KerasDistillation(keras.distillation.LogitsDistillation(loss=loss)),
        lambda loss: mtkd.losses.SelectPositions(loss, 1.0),
    ],
    ids=["features", "predictions", "keras", "selected"],
)
def test_losses_within_other_parts(way, loss):
    part = way(loss)
    loaded = keras.saving.deserialize_keras_object(pack(part))
    inner = loaded
    while hasattr(inner, "loss"):
        inner = inner.loss
    inner = inner["a"] if isinstance(inner, dict) else inner
    assert float(inner(Y_TRUE, Y_PRED)) == pytest.approx(float(loss(Y_TRUE, Y_PRED)))


class Power(keras.losses.Loss):
    """A loss of a user's that does not tell its argument."""

    def __init__(self, power=1.0, name="power", **kwargs):
        super().__init__(name=name, **kwargs)
        self.power = power

    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.abs(y_true - y_pred) ** self.power, axis=-1)


class Within(keras.metrics.MeanMetricWrapper):
    """A metric of a user's that does not tell its argument."""

    def __init__(self, limit=0.5, name="within"):
        self.limit = limit
        super().__init__(lambda y, p: keras.ops.cast(abs(y - p) < limit, "float32"), name=name)

    def get_config(self):
        return {"name": self.name}


def test_saving_refuses_what_would_come_back_otherwise(tmp_path):
    inputs = keras.Input((3,))
    student = keras.Model(inputs, {"a": keras.layers.Dense(3)(inputs)})
    distiller = mtkd.MultiTaskDistiller(student, {})
    distiller.compile("sgd", loss={"a": Power(2.0)})
    with pytest.raises(ValueError, match=r"'power', a Power,.*does not tell `power`\. Give the"):
        distiller.save(tmp_path / "distiller.keras")
    distiller.compile("sgd", loss={"a": Power()})
    distiller.save(tmp_path / "distiller.keras")


def test_a_task_refuses_a_metric_that_cannot_be_made_again():
    with pytest.raises(ValueError, match=r"'within', a Within,.*does not tell `limit`"):
        mtkd.Task("a", None, "mse", [Within(0.1)], higher_is_better=True).new_metrics()
    (metric,) = mtkd.Task("a", None, "mse", [Within()], higher_is_better=True).new_metrics()
    assert metric.limit == 0.5
