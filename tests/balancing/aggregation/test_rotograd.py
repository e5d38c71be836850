"""RotoGrad in a distiller, against its equations in NumPy."""

import keras
import numpy as np
import pytest
from balancing.linear_problem import INPUTS, SHARED, TASKS, data
from helpers import numeric_gradient
from replicas import on_replicas

import keras_mtkd as mtkd
from keras_mtkd.balancing import Balancing, RotoGrad
from keras_mtkd.layers import Rotation
from keras_mtkd.layers.rotating_balancer import RotatingBalancer

RATE, OWN = 0.01, 0.003


def student(size=None):
    inputs = keras.Input((INPUTS,))
    shared = keras.layers.Dense(SHARED, use_bias=False, name="shared")(inputs)
    heads = {
        task: keras.layers.Dense(units, use_bias=False, name=f"head_{task}")(
            Rotation(size, name=f"turn_{task}")(shared)
        )
        for task, units in TASKS.items()
    }
    return keras.Model(inputs, heads)


def numbers(model):
    return {v.path.split("/")[-2]: np.array(v, "float64") for v in model.trainable_variables}


def fitted(steps=1, size=None, seed=0, method=None):
    keras.utils.set_random_seed(1)
    method = method or RotoGrad(learning_rate=OWN)
    model = mtkd.MultiTaskDistiller(student(size), {}, balancing=Balancing(method))
    model.compile(keras.optimizers.SGD(RATE), loss="mse")
    generator = np.random.default_rng(seed)
    for task in TASKS:
        skew = model.student.get_layer(f"turn_{task}").skew
        skew.assign(0.3 * generator.normal(size=skew.shape))
    before = numbers(model.student)
    x, y = data()
    x, y = np.concatenate([x] * steps), {task: np.concatenate([y[task]] * steps) for task in y}
    model.fit(x, y, batch_size=len(data()[0]), shuffle=False, verbose=0)
    return model, before, numbers(model.student)


def matrix(skew):
    half = (skew - skew.T) / 2
    turned = np.linalg.solve(np.eye(len(skew)) - half, np.eye(len(skew)) + half)
    whole = np.eye(SHARED)
    whole[: len(skew), : len(skew)] = turned
    return whole


def gradients(weights):
    """Of every task's loss: after its rotation, before it, and of the head."""
    x, y = data()
    z, found = x.astype("float64") @ weights["shared"], {}
    for task, target in y.items():
        turn, head = matrix(weights[f"turn_{task}"]), weights[f"head_{task}"]
        out = 2 * (z @ turn.T @ head - target) / target.size
        found[task] = {"after": out @ head.T, "z": out @ head.T @ turn}
        found[task]["head"] = (z @ turn.T).T @ out
    return found


@pytest.mark.parametrize("size", [3, None])
def test_one_step(size):
    _, before, after = fitted(size=size)
    found, x = gradients(before), data()[0].astype("float64")
    lengths = {task: np.linalg.norm(one["z"]) for task, one in found.items()}
    # Magnitude: in the first step all lengths are what they were, so that all weigh alike.
    common = sum(lengths.values()) / 3
    update = sum(common / lengths[task] * x.T @ one["z"] for task, one in found.items())
    np.testing.assert_allclose(after["shared"], before["shared"] - RATE * update, atol=1e-4)
    # Direction: the stated loss, by finite differences.
    mean = sum(one["z"] for one in found.values()) / 3
    scaled = [np.linalg.norm(mean) / lengths[task] * one["z"] for task, one in found.items()]
    target, turned = sum(scaled) / 3, size or SHARED
    for task, one in found.items():
        head = before[f"head_{task}"] - RATE * one["head"]
        np.testing.assert_allclose(after[f"head_{task}"], head, atol=1e-5)

        def loss(skew, one=one):
            off = target @ matrix(skew).T - one["after"]
            return np.mean(np.sum(off[:, :turned] ** 2, axis=1))

        slope = numeric_gradient(loss, before[f"turn_{task}"])
        assert np.abs(slope).max() > 1e-3
        # The first step of Adam: its rate, against the sign of the slope.
        moved = after[f"turn_{task}"] - before[f"turn_{task}"]
        epsilon = 1e-7 / np.sqrt(1 - 0.999)
        np.testing.assert_allclose(moved, -OWN * slope / (np.abs(slope) + epsilon), atol=1e-4)


def test_sizes_of_slopes():
    """Plain gradient descent on the rotations shows the slopes themselves."""
    keras.utils.set_random_seed(1)
    model = mtkd.MultiTaskDistiller(student(), {}, balancing="rotograd")
    model.compile(keras.optimizers.SGD(RATE), loss="mse")
    for part in model.optimizer.optimizers:
        assert type(part).__name__ in ("SGD", "Adam", "GradientAssignment")
    balancer = model.gradient_balancer
    before = numbers(model.student)
    found = gradients(before)
    rows = [one["z"].astype("float32") for one in found.values()]
    gram = np.array([[np.sum(a * b) for b in rows] for a in rows], "float32")
    slopes = balancer.gradients_of_trained(balancer.also_trained(), rows, gram)
    mean = np.linalg.norm(sum(rows)) / 3
    target = sum(mean * row / np.linalg.norm(row) for row in rows) / 3
    for (task, one), slope in zip(found.items(), slopes, strict=True):

        def loss(skew, one=one):
            return np.mean(np.sum((target @ matrix(skew).T - one["after"]) ** 2, axis=1))

        expected = numeric_gradient(loss, before[f"turn_{task}"])
        np.testing.assert_allclose(slope, expected, rtol=1e-2, atol=1e-4 * np.abs(expected).max())


@pytest.mark.traced
def test_rotations_stay_rotations_and_bring_gradients_together():
    method = RotoGrad(learning_rate=0.02)
    model, before, after = fitted(50, method=method)

    def off(weights):
        found = [one["z"] / np.linalg.norm(one["z"]) for one in gradients(weights).values()]
        return sum(np.sum(a * b) for a in found for b in found)

    for task in TASKS:
        turn = model.student.get_layer(f"turn_{task}")
        found = np.array(turn.matrix(turn.skew), "float64")
        np.testing.assert_allclose(found @ found.T, np.eye(SHARED), atol=1e-5)
        assert np.abs(after[f"turn_{task}"] - before[f"turn_{task}"]).max() > 0.05
    # The same student with the rotations of before has gradients that agree less.
    back = {**after, **{f"turn_{task}": before[f"turn_{task}"] for task in TASKS}}
    assert off(after) > off(back)


def test_lengths_to_compare_with_are_taken_anew_once():
    method, state = RotoGrad(burn_in=3), None
    state = method.initial_state(2)
    firsts = []
    for number in range(6):
        gram = np.diag([1.0 + number, 4.0]).astype("float32") ** 2
        weights, state = method.step(gram, None, state)
        firsts.append(float(state["first"][0]))
    assert firsts == pytest.approx([1, 1, 1, 4, 4, 4])
    growth = np.array([6 / 4, 1.0])
    common = np.sum(growth / growth.sum() * np.array([6.0, 4.0]))
    np.testing.assert_allclose(weights, common / np.array([6.0, 4.0]), rtol=1e-5)


def test_saved_and_loaded_and_the_student_alone(tmp_path):
    model, *_ = fitted()
    model.student.save(tmp_path / "student.keras")
    alone, x = keras.saving.load_model(tmp_path / "student.keras"), data()[0]
    for task, out in model.student(x).items():
        np.testing.assert_array_equal(out, alone(x)[task])
    model.save(tmp_path / "d.keras")
    loaded = keras.saving.load_model(tmp_path / "d.keras")
    for one in (model, loaded):
        one.fit(*data(), batch_size=12, shuffle=False, verbose=0)
    for name, value in numbers(model.student).items():
        np.testing.assert_allclose(value, numbers(loaded.student)[name], rtol=1e-5, atol=1e-6)


def test_rotations_of_hard_sharing():
    inputs = keras.Input((INPUTS,))
    backbone = keras.Model(inputs, keras.layers.Dense(SHARED, name="features")(inputs))
    heads = {task: keras.layers.Dense(units) for task, units in TASKS.items()}
    model = mtkd.models.hard_sharing(backbone, heads, rotations=True)
    distiller = mtkd.MultiTaskDistiller(model, {}, balancing="rotograd")
    assert [one.name for one in distiller.gradient_balancer.rotations] == [
        "rotation_a", "rotation_b", "rotation_c",
    ]  # fmt: skip
    # They are the student's weights, and counted once.
    assert len(distiller.trainable_variables) == len(model.trainable_variables) + 2
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(distiller.gradient_balancer)
    )
    assert [one.name for one in again.rotations] == ["rotation_a", "rotation_b", "rotation_c"]


class TestWhatIsRefused:
    def test_heads_without_rotations(self):
        from balancing.linear_problem import student as without

        with pytest.raises(ValueError, match=r"head of task 'a' must begin with .*Rotation"):
            mtkd.MultiTaskDistiller(without(), {}, balancing="rotograd")

    def test_gradients_of_all_weights(self):
        with pytest.raises(ValueError, match="works at `level='representation'`"):
            Balancing("rotograd", level="parameters")

    def test_distances_as_objectives(self):
        teachers = {task: keras.Model(m.input, {task: m.output[task]}) for task, m in
                    ((task, student()) for task in TASKS)}  # fmt: skip
        ways = [mtkd.FeatureDistillation("shared")]
        with pytest.raises(ValueError, match="Rotations belong to tasks"):
            mtkd.MultiTaskDistiller(
                student(), teachers, ways, balancing=Balancing("rotograd", "all")
            )

    def test_arguments(self):
        with pytest.raises(ValueError, match="must be positive"):
            RotoGrad(learning_rate=0.0)

    def test_one_rotation_an_objective(self):
        with pytest.raises(ValueError, match="one rotation an objective, 2"):
            RotatingBalancer("rotograd", 2, rotations=[Rotation()])


@pytest.mark.slow
@pytest.mark.traced
def test_replicas_give_what_one_device_gives():
    def run():
        return [np.array(v) for v in fitted(2)[0].student.variables]

    for one, other in zip(run(), on_replicas(2, run), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
