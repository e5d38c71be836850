"""A distiller weighs its objectives as the method of loss weighting says."""

import keras
import numpy as np
import pytest
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from balancing.linear_problem import SAMPLES, data, gradients, numbers, step, student
from keras_mtkd.balancing import Balancing

RATE = 0.1


@pytest.fixture(scope="module")
def fixed_step():
    return step(mtkd.balancing.FixedWeights([0.5, 0.01, 2.0]))


def test_weights_multiply_trunk_and_heads(fixed_step):
    _, before, after, history = fixed_step
    found = gradients(before, *data())
    update = sum(w * g["shared"] for w, g in zip((0.5, 0.01, 2.0), found.values(), strict=True))
    np.testing.assert_allclose(after["shared"], before["shared"] - RATE * update, atol=1e-5)
    expected = before["head_b"] - RATE * 0.01 * found["b"]["head"]
    np.testing.assert_allclose(after["head_b"], expected, atol=1e-5)
    total = sum(w * g["value"] for w, g in zip((0.5, 0.01, 2.0), found.values(), strict=True))
    np.testing.assert_allclose(history["loss"][0], total, rtol=1e-5)
    np.testing.assert_allclose(history["b_loss_weight"][0], 0.01, rtol=1e-6)
    np.testing.assert_allclose(history["b_loss"][0], found["b"]["value"], rtol=1e-5)


def test_validation_is_not_weighted(fixed_step):
    model, *_ = fixed_step
    x, y = data()
    scores = model.evaluate(x, y, batch_size=SAMPLES, verbose=0, return_dict=True)
    np.testing.assert_allclose(scores["loss"], sum(scores[f"{task}_loss"] for task in y), rtol=1e-5)
    assert not any("weight" in name for name in scores)


def test_weights_of_epochs_and_their_memory():
    """DWA over four epochs of two steps, from the losses that were logged."""
    (x, y), (more, targets) = data(), data(1)
    x, y = np.concatenate([x, more]), {task: np.concatenate([y[task], targets[task]]) for task in y}
    model = mtkd.MultiTaskDistiller(student(), {}, balancing="dwa")
    model.compile(keras.optimizers.SGD(0.01), loss="mse")
    logged = model.fit(x, y, batch_size=SAMPLES, epochs=4, shuffle=False, verbose=0).history
    losses = np.array([logged[f"{task}_loss"] for task in y])
    for epoch in range(4):
        ratio = losses[:, epoch - 1] / losses[:, epoch - 2] if epoch >= 2 else np.ones(3)
        weights = 3 * np.exp(ratio / 2) / np.exp(ratio / 2).sum()
        found = [logged[f"{task}_loss_weight"][epoch] for task in y]
        np.testing.assert_allclose(found, weights, rtol=1e-4)


def test_what_is_learned_follows_its_gradient():
    model, before, _, _ = step("uncertainty")
    method = mtkd.balancing.get("uncertainty")
    (name,) = method.trainable
    values = np.array([one["value"] for one in gradients(before, *data()).values()])

    def objective(learned):
        state = {**method.initial_state(3), name: learned}
        weights = np.array(method.weights(values, state))
        return float((weights * values).sum() + np.array(method.penalty(state)))

    start = np.array(method.initial_state(3)[name])
    slope = [
        (objective(start + step) - objective(start - step)) / 2e-2
        for step in 1e-2 * np.eye(3, dtype="float32")
    ]
    memory = model.loss_weighting.memory[name]
    np.testing.assert_allclose(memory, start - RATE * np.array(slope), rtol=2e-2, atol=1e-4)


def toy_distiller(balancing):
    keras.utils.set_random_seed(2)
    ways = [mtkd.FeatureDistillation("features")]
    model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers(), ways, balancing=balancing)
    model.compile(keras.optimizers.SGD(0.1), loss=toy_losses())
    return model


def toy_training(balancing):
    model = toy_distiller(balancing)
    model.fit(*toy_data(), batch_size=16, shuffle=False, verbose=0)
    return [np.array(v) for v in model.student.variables]


@pytest.fixture(scope="module")
def plain_training():
    return toy_training(None)


@pytest.mark.parametrize("objectives", ["hierarchical", "losses", "tasks", "all"])
def test_equal_weights_are_plain_training(objectives, plain_training):
    balanced = toy_training(Balancing("equal", objectives))
    for one, other in zip(plain_training, balanced, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)


def test_distances_are_weighted_where_they_are_objectives():
    model = toy_distiller(Balancing(mtkd.balancing.FixedWeights([1.0, 1.0, 0.0, 0.0]), "all"))
    adaptors = [np.array(v) for layer in model.adaptors.values() for v in layer.variables]
    history = model.fit(*toy_data(), batch_size=16, verbose=0).history
    after = [np.array(v) for layer in model.adaptors.values() for v in layer.variables]
    assert all(np.array_equal(a, b) for a, b in zip(adaptors, after, strict=True))
    assert history["a_distillation_loss_weight"] == [0.0]
    assert history["a_loss_weight"] == [1.0]


@pytest.mark.parametrize("method", ["dwa", "uncertainty"])
def test_saved_and_loaded(method, tmp_path):
    model, *_ = step(method, steps=3)
    model.save(tmp_path / "d.keras")
    loaded = keras.saving.load_model(tmp_path / "d.keras")
    for one in (model, loaded):
        one.fit(*data(), batch_size=SAMPLES, epochs=3, shuffle=False, verbose=0)
    for name, value in numbers(model.student).items():
        np.testing.assert_allclose(numbers(loaded.student)[name], value, rtol=1e-6, atol=1e-7)


def test_callbacks_may_be_given_by_place():
    x, y = data()
    seen = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    model = step("dwa")[0]
    model.fit(x, y, SAMPLES, 2, 0, [callback])
    assert seen == [0, 1]
