"""A distiller applies the update that a method's weights say, worked out in NumPy."""

import functools

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from balancing.linear_problem import (
    SAMPLES,
    TASKS,
    LossesAsWeights,
    data,
    gradients,
    gram,
    numbers,
    restart,
    step,
    student,
)
from keras_mtkd.balancing import Balancing

LEVELS = {"representation": "z", "parameters": "shared"}
BOTH = pytest.mark.parametrize("level", LEVELS)
RATE = 0.1


def expected(before, weights, found, head_weights=None):
    """Weights after one step of gradient descent."""
    after = dict(before)
    update = sum(w * one["shared"] for w, one in zip(weights, found.values(), strict=True))
    after["shared"] = before["shared"] - RATE * update
    for number, (task, one) in enumerate(found.items()):
        factor = 1.0 if head_weights is None else head_weights[number]
        after[f"head_{task}"] = before[f"head_{task}"] - RATE * factor * one["head"]
    return after


def same(one, other, **tolerance):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(
            one[name], other[name], **{"rtol": 1e-4, "atol": 1e-5, **tolerance}, err_msg=name
        )


@pytest.fixture(scope="module")
def one_step():
    """`step` for a method and a level, taken once; its weights before and after are for all."""
    return functools.cache(lambda method, level: step(Balancing(method, level=level)))


@BOTH
@pytest.mark.parametrize("method", ["sum", "edm", "imtl_g"])
def test_the_update_of_one_step(level, method, one_step):
    _, before, after, _ = one_step(method, level)
    found = gradients(before, *data())
    weights = np.array(mtkd.balancing.get(method).weights(gram(found, LEVELS[level])))
    if method != "sum":
        assert np.ptp(weights) > 0.01
    same(after, expected(before, weights, found))


def test_logged_losses_are_means_over_samples(one_step):
    # A batch of 12 samples, and one of 8.
    (x, y), (more, targets) = data(), data(1)
    x = np.concatenate([x, more[:8]])
    y = {task: np.concatenate([y[task], targets[task][:8]]) for task in y}
    model = one_step("imtl_g", "representation")[0]
    model.optimizer.learning_rate = 0.0
    history = model.fit(x, y, batch_size=SAMPLES, shuffle=False, verbose=0).history
    for task, one in gradients(numbers(model.student), x, y).items():
        np.testing.assert_allclose(history[f"{task}_loss"], [one["value"]], rtol=1e-5)


@BOTH
def test_task_weights_weigh_the_gradients(level):
    """Those of the constructor, and then none: the method's plain update."""
    own = {"a": 0.0, "b": 0.5}
    model, before, after, _ = step(Balancing("cagrad", level=level), task_weights=own)
    model.task_weights.assign(np.ones(len(TASKS)))
    restart(model, before)
    model.fit(*data(), batch_size=SAMPLES, verbose=0)
    for given, result in ((own, after), ({}, numbers(model.student))):
        found = gradients(before, *data(), given)
        weights = np.array(mtkd.balancing.CAGrad().weights(gram(found, LEVELS[level])))
        assert np.ptp(weights) > 0.01
        same(result, expected(before, weights, found))


@BOTH
def test_the_sizes_of_a_sum(level):
    _, before, after, _ = step(Balancing("mgda", level=level, times_tasks=True))
    found = gradients(before, *data())
    weights = np.array(mtkd.balancing.MGDA().weights(gram(found, LEVELS[level])))
    same(after, expected(before, 3 * weights, found))


def test_heads_weighted_too():
    balancing = Balancing("imtl_g", level="parameters", weight_heads=True)
    _, before, after, _ = step(balancing)
    found = gradients(before, *data())
    weights = np.array(mtkd.balancing.get("imtl_g").weights(gram(found, "shared")))
    same(after, expected(before, weights, found, head_weights=weights))


@BOTH
def test_methods_get_the_losses_and_remember(level):
    model, before, after, history = step(Balancing(LossesAsWeights(), level=level), steps=1)
    found = gradients(before, *data())
    losses = [one["value"] for one in found.values()]
    same(after, expected(before, losses, found))
    model.fit(*data(), batch_size=12, verbose=0)
    again = [one["value"] for one in gradients(after, *data()).values()]
    layer = model.gradient_balancer or model.gradient_aggregator
    np.testing.assert_allclose(layer.memory["sum"], sum(losses) + sum(again), rtol=1e-4)
    np.testing.assert_allclose(history["loss"][0], sum(losses), rtol=1e-5)


@BOTH
def test_a_method_with_a_memory_over_steps(level):
    model, before, after, _ = step(Balancing("multibalance", level=level), steps=3)
    method, now = mtkd.balancing.MultiBalance(), before
    state = method.initial_state(3)
    for _ in range(3):
        found = gradients(now, *data())
        weights, state = method.step(gram(found, LEVELS[level]), None, state)
        now = expected(now, np.array(weights), found)
    same(after, now)
    layer = model.gradient_balancer or model.gradient_aggregator
    np.testing.assert_allclose(layer.memory["lengths"], state["lengths"], rtol=1e-4)
    assert float(layer.memory["step"]) == 3


def trained_toy(balancing):
    keras.utils.set_random_seed(2)
    model = mtkd.MultiTaskDistiller(
        toy_model(),
        toy_teachers(),
        [mtkd.FeatureDistillation("features"), mtkd.LogitDistillation(tasks=["a"])],
        balancing=balancing,
    )
    model.compile(
        keras.optimizers.SGD(0.1), loss=toy_losses(), adaptor_optimizer=keras.optimizers.SGD(0.03)
    )
    history = model.fit(*toy_data(), batch_size=24, shuffle=False, verbose=0).history
    return {v.path: np.array(v) for v in [*model.student.variables]}, history


@pytest.fixture(scope="module")
def plain_training():
    return trained_toy(None)


@BOTH
@pytest.mark.parametrize("objectives", ["tasks", "losses", "all", "hierarchical"])
def test_the_sum_is_plain_training(level, objectives, plain_training):
    plain, history = plain_training
    balanced, logged = trained_toy(Balancing("sum", objectives, level=level))
    same(dict(enumerate(plain.values())), dict(enumerate(balanced.values())), atol=2e-6)
    assert history.keys() == logged.keys()
    for name, values in history.items():
        np.testing.assert_allclose(values, logged[name], rtol=1e-5)


@BOTH
@pytest.mark.parametrize("objectives", ["losses", "all", "hierarchical"])
def test_losses_and_distances_as_objectives(level, objectives):
    """One task, one distance: the update from gradients of a model with two heads."""
    x, y = data()
    keras.utils.set_random_seed(1)
    teacher = student({"b": 3})
    way = mtkd.LogitDistillation(weight=0.5, loss="mse")
    model = mtkd.MultiTaskDistiller(
        student({"b": 3}),
        {"b": teacher},
        [way],
        balancing=Balancing("imtl_g", objectives, level=level),
    )
    model.compile(keras.optimizers.SGD(RATE), loss="mse")
    before, known = numbers(model.student), numbers(teacher)
    shown = x @ known["shared"] @ known["head_b"]
    weights = {
        "shared": before["shared"],
        "head_loss": before["head_b"],
        "head_kd": before["head_b"],
    }
    found = gradients(weights, x, {"loss": y["b"], "kd": shown}, {"kd": 0.5})
    of = LEVELS[level]
    if level == "parameters":  # with a single task its head is shared by loss and distance
        for one in found.values():
            one["all"] = np.concatenate([one["shared"].ravel(), one["head"].ravel()])
        of = "all"
    if objectives == "losses":
        ways = np.ones(2)
    else:
        ways = np.array(mtkd.balancing.IMTLG().weights(gram(found, of)))
        assert np.ptp(ways) > 0.01
    model.fit(x, {"b": y["b"]}, batch_size=len(x), verbose=0)
    after = numbers(model.student)
    factors = ways if level == "parameters" else np.ones(2)
    update = sum(w * one["shared"] for w, one in zip(ways, found.values(), strict=True))
    heads = sum(w * one["head"] for w, one in zip(factors, found.values(), strict=True))
    np.testing.assert_allclose(after["shared"], before["shared"] - RATE * update, atol=1e-5)
    np.testing.assert_allclose(after["head_b"], before["head_b"] - RATE * heads, atol=1e-5)


@BOTH
def test_mixed_precision_sees_unscaled_gradients(level):
    keras.config.set_dtype_policy("mixed_float16")
    model, before, _, _ = step(Balancing("multibalance", level=level), rate=0.0, steps=6)
    assert type(model.optimizer).__name__ == "LossScaleOptimizer"
    lengths = np.sqrt(np.diag(gram(gradients(before, *data()), LEVELS[level])))
    layer = model.gradient_balancer or model.gradient_aggregator
    np.testing.assert_allclose(layer.memory["lengths"], lengths, rtol=5e-3)


@BOTH
def test_saved_and_loaded(level, tmp_path):
    # With so short a window the second step depends on what the first one left behind.
    model, *_ = step(Balancing(mtkd.balancing.CDTT(window=1), level=level))
    model.save(tmp_path / "d.keras")
    loaded = keras.saving.load_model(tmp_path / "d.keras")
    assert repr(loaded.balancing) == repr(model.balancing)
    for one in (model, loaded):
        one.fit(*data(), batch_size=SAMPLES, shuffle=False, verbose=0)
    same(numbers(model.student), numbers(loaded.student), rtol=1e-6, atol=1e-7)
    assert np.isfinite(numbers(loaded.student)["shared"]).all()


class TestWhereGradientsMeet:
    def test_the_last_layer_that_all_tasks_pass(self):
        inputs = keras.Input((4,))
        trunk = keras.layers.Dense(5, name="first")(inputs)
        last = keras.layers.Dense(3, activation="relu", name="last")(trunk)
        deep = keras.layers.Dense(6, name="own")(last)
        heads = {"a": keras.layers.Dense(1)(last), "b": keras.layers.Dense(1)(deep)}
        backbone = keras.Model(inputs, heads)
        model = mtkd.MultiTaskDistiller(backbone, {}, balancing="mgda")
        split = model._balancer._split
        assert split.trunk.graph.output.name == last.name
        assert [layer.name for layer in split.heads["b"].graph.layers][1:2] == ["own"]

    def test_another_layer_may_be_named(self, one_step):
        *_, named, _ = step(Balancing("imtl_g", layer="shared"))
        same(named, one_step("imtl_g", "representation")[2])

    def test_models_without_such_a_layer(self):
        inputs = keras.Input((4,))
        heads = {"a": keras.layers.Dense(1)(inputs), "b": keras.layers.Dense(1)(inputs)}
        with pytest.raises(ValueError, match=r"no layer .* that all of its tasks pass"):
            mtkd.MultiTaskDistiller(keras.Model(inputs, heads), {}, balancing="mgda")

    def test_a_layer_of_one_task(self):
        with pytest.raises(ValueError, match="Not all tasks .* pass through the layer 'head_a'"):
            mtkd.MultiTaskDistiller(student(), {}, balancing=Balancing("mgda", layer="head_a"))

    def test_an_unknown_layer(self):
        with pytest.raises(ValueError, match=r"There is no layer 'nothing'.*'shared'"):
            mtkd.MultiTaskDistiller(student(), {}, balancing=Balancing("mgda", layer="nothing"))

    def test_a_tap_inside_a_nested_backbone_is_the_shared_tensor(self):
        inputs = keras.Input((5,))
        nested = keras.Model(inputs, keras.layers.Dense(4, name="features")(inputs), name="trunk")
        outer = keras.Input((5,))
        shared = nested(outer)
        heads = {task: keras.layers.Dense(units)(shared) for task, units in TASKS.items()}
        model = keras.Model(outer, heads)
        way = mtkd.FeatureDistillation("trunk.features", "shared")
        teachers = {task: student({task: units}) for task, units in TASKS.items()}
        distiller = mtkd.MultiTaskDistiller(model, teachers, [way], balancing="imtl_g")
        assert distiller._balancer._split.shared_paths == ["trunk.features"]
        distiller.compile("sgd", loss="mse")
        history = distiller.fit(*data(), batch_size=SAMPLES, verbose=0).history
        assert np.isfinite(history["loss"]).all()

    def test_a_tap_in_the_head_of_another_task(self):
        way = mtkd.FeatureDistillation("head_b", "shared", tasks=["a"])
        teachers = {task: student({task: units}) for task, units in TASKS.items()}
        with pytest.raises(ValueError, match="'head_b' of task 'a' is in the head of another"):
            mtkd.MultiTaskDistiller(student(), teachers, [way], balancing="mgda")
