"""What online distillation compares, before anything is compiled."""

import keras
import numpy as np
import pytest
from helpers import toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.distillers.online.wiring import OnlineWiring
from keras_mtkd.losses.normalized_l2 import NormalizedL2

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

TWO = [mtkd.FeatureDistillation("features"), mtkd.FeatureDistillation("hidden", tasks=["b"])]
X = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")


def test_terms_task_by_task():
    wiring = OnlineWiring(toy_model(), toy_teachers(), TWO)
    assert [term.key for term in wiring.terms] == ["a/features", "b/features", "b/hidden"]
    assert set(wiring.student.shapes) == {"features", "hidden"}
    shapes = {task: set(single.shapes) for task, single in wiring.singles.items()}
    assert shapes == {"a": {"features"}, "b": {"features", "hidden"}}
    kernels = [tuple(term.adaptor.weights[0].shape) for term in wiring.terms]
    assert kernels == [(8, 5)] * 3


def test_networks_in_the_order_of_the_students_tasks():
    singles = dict(reversed(toy_teachers().items()))
    assert list(OnlineWiring(toy_model(), singles, TWO).singles) == ["a", "b"]


def test_networks_run_once_in_training():
    singles = {"a": toy_model(("a",), 5, batch_norm=True), "b": toy_model(("b",), 5)}
    wiring = OnlineWiring(toy_model(), singles, TWO)
    norm = singles["a"].get_layer("norm")
    before = np.array(norm.moving_mean)
    predictions, taps = wiring.run_singles(X)
    batch = np.array(singles["a"].get_layer("hidden")(X)).mean(axis=0)
    moved = norm.momentum * before + (1 - norm.momentum) * batch
    np.testing.assert_allclose(norm.moving_mean, moved, rtol=1e-4, atol=1e-6)
    assert {task: out.shape for task, out in predictions.items()} == {"a": (4, 3), "b": (4, 1)}
    assert {task: set(found) for task, found in taps.items()} == {
        "a": {"features"},
        "b": {"features", "hidden"},
    }
    np.testing.assert_allclose(predictions["b"], singles["b"](X)["b"], rtol=1e-5, atol=1e-6)


def test_distances_have_a_sigma_each():
    wiring = OnlineWiring(toy_model(), toy_teachers(), TWO)
    sigmas = {"a/features": 1.0, "b/features": 0.0, "b/hidden": 0.5}
    wiring.adapt({key: keras.Variable(value) for key, value in sigmas.items()})
    generator = np.random.default_rng(1)
    adapted = {key: generator.normal(size=(4, 5)).astype("float32") for key in sigmas}
    taps = wiring.run_singles(X)[1]
    step = TrainingStep(X, {}, {}, {}, None)
    found = [float(each) for each in wiring.distances(step, adapted, taps)]
    for (key, sigma), value in zip(sigmas.items(), found, strict=True):
        task, path = key.split("/")
        units = [
            each / np.linalg.norm(each, axis=-1, keepdims=True)
            for each in (adapted[key], np.array(taps[task][path]))
        ]
        expected = np.mean(np.sum((units[0] - sigma * units[1]) ** 2, axis=-1))
        assert value == pytest.approx(expected, rel=1e-3)
    plain = NormalizedL2()(taps["a"]["features"], adapted["a/features"])
    assert found[0] == pytest.approx(float(plain), rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (({"a": None}, TWO), ValueError, "'b' has no single-task network"),
        ((None, [mtkd.LogitDistillation()]), TypeError, "must contain `FeatureDistillation`s"),
        ((None, [mtkd.FeatureDistillation("nowhere")]), ValueError, "no layer 'nowhere'"),
    ],
)
def test_refusals(arguments, error, message):
    singles, ways = arguments
    teachers = toy_teachers()
    if singles is not None:
        teachers = {task: teachers[task] for task in singles}
    with pytest.raises(error, match=message):
        OnlineWiring(toy_model(), teachers, ways)
