import keras
import numpy as np
import pytest
from balancing.linear_problem import data, gradients, numbers, step, student
from balancing.parameter_steps import FAST, same, weights_after
from helpers import toy_data, toy_losses, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.balancing import FSMTL, Balancing


class TestFSMTL:
    @staticmethod
    def update(before, method, rho, adaptive, unit_length=False):
        """Gradients to apply, worked out from the method's equations."""
        x, y = data()
        found, there = gradients(before, x, y), {}
        for task, one in found.items():
            moved = dict(before)
            for name, part in (("shared", "shared"), (f"head_{task}", "head")):
                size = np.abs(before[name]) if adaptive else 1.0
                moved[name] = before[name] + rho * size**2 * one[part] / np.linalg.norm(
                    size * one[part]
                )
            there[task] = gradients(moved, x, {task: y[task]})[task]
        shared = 0.0
        here = [one["shared"] for one in found.values()]
        flat = [there[task]["shared"] - found[task]["shared"] for task in found]
        for rows in (here, flat):
            if unit_length:
                rows = [row / np.linalg.norm(row) for row in rows]
            stacked = np.stack([row.ravel() for row in rows])
            weights = np.array(mtkd.balancing.get(method).weights(stacked @ stacked.T))
            shared = shared + np.tensordot(weights, np.stack(rows), 1)
        return shared, {task: one["head"] for task, one in there.items()}

    @pytest.mark.parametrize(
        ("method", "options"),
        [
            ("cagrad", {"rho": 0.5, "adaptive": True}),
            ("imtl_g", {"rho": 0.05, "adaptive": False}),
            ("mgda", {"rho": 0.3, "adaptive": True, "unit_length": True}),
        ],
    )
    def test_the_update_of_one_step(self, method, options):
        _, before, after, _ = step(FSMTL(method, **options), rate=FAST)
        expected = weights_after(before, *self.update(before, method, **options))
        same(after, expected, rtol=1e-3, atol=1e-4)
        # The move changes the update by more than the tolerance.
        still = weights_after(before, *self.update(before, method, **{**options, "rho": 1e-9}))
        assert max(np.abs(still[name] - after[name]).max() for name in after) > 2e-3

    def test_without_a_move_it_is_the_method_alone(self):
        *_, found, _ = step(FSMTL("sum", rho=0.0), rate=FAST)
        *_, plain, _ = step("sum", rate=FAST)
        same(found, plain)


def with_states(seed=0):
    """A toy model with statistics of batches and random numbers."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((6,))
    z = keras.layers.BatchNormalization()(inputs)
    z = keras.layers.Dropout(0.4, seed=3)(z)
    z = keras.layers.Dense(6, name="features", kernel_regularizer="l2")(z)
    heads = {"a": keras.layers.Dense(3)(z), "b": keras.layers.Dense(1)(z)}
    return keras.Model(inputs, heads)


def trained(balancing):
    student, teachers = with_states(), {"a": toy_teachers()["a"]}
    ways = [mtkd.FeatureDistillation("features")]
    model = mtkd.MultiTaskDistiller(student, teachers, ways, balancing=balancing)
    model.compile(
        keras.optimizers.SGD(0.05),
        loss=toy_losses(),
        adaptor_optimizer=keras.optimizers.SGD(0.05),
    )
    # The second step begins with what the first one leaves behind.
    x, y = toy_data(samples=32)
    history = model.fit(x, y, batch_size=16, shuffle=False, verbose=0).history
    return [np.array(v, "float64") for v in model.student.variables], history


@pytest.fixture(scope="module")
def plain_training():
    return trained(None)


@pytest.mark.parametrize("objectives", ["losses", "all"])
def test_looking_around_leaves_no_trace(objectives, plain_training):
    """A second pass without a move: the same dropout, statistics, metrics and distances."""
    looked, history = trained(Balancing(FSMTL("sum", rho=0.0), objectives))
    plain, logs = plain_training
    assert history.keys() == logs.keys()
    for name, values in history.items():
        np.testing.assert_allclose(values, logs[name], rtol=1e-4, err_msg=name)
    for one, other in zip(looked, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def test_half_precision():
    options = {"rho": 0.1, "adaptive": True}
    keras.config.set_dtype_policy("mixed_float16")
    keras.utils.set_random_seed(1)
    model = mtkd.MultiTaskDistiller(student(), {}, balancing=FSMTL("cagrad", **options))
    before = numbers(model.student)
    exact = weights_after(before, *TestFSMTL.update(before, "cagrad", **options))
    optimizer = keras.optimizers.SGD(FAST)
    model.compile(keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=64), loss="mse")
    model.fit(*data(), batch_size=12, verbose=0)
    half = numbers(model.student)
    for name, value in exact.items():
        step_in_half, moved = half[name] - before[name], value - before[name]
        np.testing.assert_allclose(step_in_half, moved, atol=0.02 * np.abs(moved).max())


def test_saved_and_loaded(tmp_path):
    model, *_ = step(FSMTL("multibalance", rho=0.1), steps=2, rate=FAST)
    # What is remembered of gradients and of their changes is kept apart.
    memory = model.gradient_aggregator.memory
    assert float(memory["0_step"]) == float(memory["1_step"]) == 2
    assert not np.allclose(memory["0_lengths"], memory["1_lengths"], rtol=0.1)
    model.save(tmp_path / "d.keras")
    loaded = keras.saving.load_model(tmp_path / "d.keras")
    assert repr(loaded.balancing) == repr(model.balancing)
    assert loaded.balancing.level == "parameters"
    for one in (model, loaded):
        one.fit(*data(), batch_size=12, shuffle=False, verbose=0)
    same(
        dict(enumerate(map(np.array, model.variables))),
        dict(enumerate(map(np.array, loaded.variables))),
    )


def test_embeddings_whose_gradients_are_sparse():
    def run(balancing):
        keras.utils.set_random_seed(3)
        inputs = keras.Input((), dtype="int32")
        z = keras.layers.Embedding(5, 4)(inputs)
        model = keras.Model(inputs, {t: keras.layers.Dense(1)(z) for t in ("a", "b")})
        distiller = mtkd.MultiTaskDistiller(model, {}, balancing=balancing)
        distiller.compile(keras.optimizers.SGD(0.1), loss="mse")
        y = np.ones((6, 1), "float32")
        distiller.fit(np.array([0, 1, 1, 2, 2, 4]), {"a": y, "b": -3 * y}, verbose=0)
        return dict(enumerate(map(np.array, model.variables)))

    same(run(FSMTL("sum", rho=0.0)), run(None))


def test_only_gradients_can_be_flat():
    with pytest.raises(TypeError, match="must combine gradients"):
        FSMTL("dwa")
