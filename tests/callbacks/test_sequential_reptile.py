"""Sequential Reptile, replayed in NumPy on a linear student."""

import keras
import numpy as np
import pytest
from balancing.linear_problem import TASKS, data, gradients, numbers, student
from helpers import toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.callbacks import BackupAndRestore, SequentialReptile

RATE, BATCH = 0.01, 3  # four batches an epoch


def fitted(callback, epochs=2, optimizer=None, others=(), validation=None):
    keras.utils.set_random_seed(1)
    model = mtkd.MultiTaskDistiller(student(), {}, task_weights={"a": 2.0})
    model.compile(optimizer or keras.optimizers.SGD(RATE), loss="mse")
    before = numbers(model.student)
    x, y = data()
    history = model.fit(
        x, y, batch_size=BATCH, epochs=epochs, shuffle=False, verbose=0,
        callbacks=[*others, callback], validation_data=validation,
    ).history  # fmt: skip
    return model, before, numbers(model.student), history


def drawn(epoch, seed=0, probabilities=(1 / 3, 1 / 3, 1 / 3)):
    generator = np.random.default_rng([seed, epoch])
    return [list(TASKS)[generator.choice(3, p=probabilities)] for _ in range(4)]


def replay(before, epochs, inner_steps, outer_rate, momentum=0.0, reset=False):
    """Gradient descent with momentum on one task a batch, and interpolation."""
    x, y = data()
    now = {name: value.copy() for name, value in before.items()}
    velocity = {name: 0.0 * value for name, value in before.items()}
    for epoch in range(epochs):
        start, steps = dict(now), 0
        for batch, task in enumerate(drawn(epoch)):
            rows = slice(BATCH * batch, BATCH * (batch + 1))
            found = gradients(now, x[rows], {task: y[task][rows]}, {"a": 2.0})[task]
            slopes = {name: 0.0 * value for name, value in now.items()}
            slopes.update({"shared": found["shared"], f"head_{task}": found["head"]})
            for name, slope in slopes.items():
                velocity[name] = momentum * velocity[name] - RATE * slope
                now[name] = now[name] + velocity[name]
            steps += 1
            if steps == inner_steps or batch == 3:
                now = {name: start[name] + outer_rate * (now[name] - start[name]) for name in now}
                start, steps = dict(now), 0
                if reset:
                    velocity = {name: 0.0 * value for name, value in now.items()}
    return now


def same(found, expected):
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    "inner_steps", [3, None, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 4))]
)
def test_the_way_that_the_weights_go(inner_steps):
    _, before, after, _ = fitted(SequentialReptile(inner_steps, outer_rate=0.4))
    same(after, replay(before, 2, inner_steps, 0.4))
    assert np.abs(after["shared"] - before["shared"]).max() > 1e-3


@pytest.mark.parametrize("what", ["keep", "reset"])
def test_what_becomes_of_the_moments(what):
    optimizer = keras.optimizers.SGD(RATE, momentum=0.9)
    callback = SequentialReptile(2, outer_rate=0.5, optimizer=what)
    model, before, after, _ = fitted(callback, optimizer=optimizer)
    same(after, replay(before, 2, 2, 0.5, momentum=0.9, reset=what == "reset"))
    assert int(model.optimizer.iterations) == 8
    other = replay(before, 2, 2, 0.5, momentum=0.9, reset=what != "reset")
    assert np.abs(other["shared"] - after["shared"]).max() > 1e-3


def test_weights_of_the_tasks_are_back_for_validation_and_afterwards():
    model, _, after, history = fitted(SequentialReptile(2), validation=data())
    np.testing.assert_allclose(model.task_weights, [2.0, 1.0, 1.0])
    values = [one["value"] for one in gradients(after, *data(), {"a": 2.0}).values()]
    np.testing.assert_allclose(history["val_loss"][-1], sum(values), rtol=1e-4)


def test_tasks_are_drawn_with_the_power_of_their_samples():
    callback = SequentialReptile(sampling={"a": 16.0, "b": 81.0}, power=0.5)
    np.testing.assert_allclose(callback.probabilities(["a", "b", "c"]), [4 / 14, 9 / 14, 1 / 14])
    without = SequentialReptile(sampling={"b": 0})
    np.testing.assert_allclose(without.probabilities(["a", "b", "c"]), [0.5, 0, 0.5])
    _, before, after, _ = fitted(SequentialReptile(sampling={"a": 0, "c": 0}), epochs=1)
    for task in ("a", "c"):
        np.testing.assert_array_equal(before[f"head_{task}"], after[f"head_{task}"])
    assert np.abs(before["head_b"] - after["head_b"]).max() > 0


def test_only_the_drawn_task_is_distilled():
    keras.utils.set_random_seed(0)
    seen = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            model = self.model
            seen.append((np.array(model.task_weights), np.array(model.distillation_weights)))

    model = mtkd.MultiTaskDistiller(
        toy_model(), toy_teachers(), [mtkd.FeatureDistillation("features")]
    )
    model.compile("adam", loss=toy_losses(), adaptor_optimizer="adam")
    model.assign_schedule({}, {"b": 0.5})
    reptile = SequentialReptile(2, optimizer="reset")
    model.fit(*toy_data(), batch_size=8, verbose=0, callbacks=[reptile, Look()])
    pairs = {(tuple(own.tolist()), tuple(taught.tolist())) for own, taught in seen}
    assert pairs == {((1.0, 0.0), (1.0, 0.0)), ((0.0, 1.0), (0.0, 0.5))}
    np.testing.assert_allclose(model.distillation_weights, [1.0, 0.5])


class Killed(Exception):
    pass


class Kill(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        if int(np.array(self.model.optimizer.iterations)) == 6:
            raise Killed


def test_a_run_that_was_killed_goes_on(tmp_path):
    whole = fitted(SequentialReptile(3), epochs=3)[2]
    with pytest.raises(Killed):
        fitted(SequentialReptile(3), epochs=3, others=[BackupAndRestore(tmp_path), Kill()])
    again = fitted(SequentialReptile(3), epochs=3, others=[BackupAndRestore(tmp_path)])[2]
    same(again, whole)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inner_steps": 0}, "`inner_steps` must"),
        ({"outer_rate": 0.0}, "`outer_rate` must"),
        ({"optimizer": "new"}, "`optimizer` must be one of"),
        ({"sampling": {"a": -1}}, "`sampling` must"),
    ],
)
def test_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        SequentialReptile(**options)


def test_no_task_to_draw():
    with pytest.raises(ValueError, match="No task of `sampling` has samples"):
        fitted(SequentialReptile(sampling=dict.fromkeys(TASKS, 0)))


def test_several_batches_a_call():
    model = mtkd.MultiTaskDistiller(student(), {})
    model.compile("sgd", loss="mse", steps_per_execution=2)
    with pytest.raises(ValueError, match="`steps_per_execution` must be 1"):
        model.fit(*data(), verbose=0, callbacks=[SequentialReptile()])


def test_an_unknown_task():
    with pytest.raises(ValueError, match="names the task 'd'"):
        fitted(SequentialReptile(sampling={"d": 3}))
