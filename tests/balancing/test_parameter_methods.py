"""Methods that look at gradients beside the weights, against NumPy on a linear student."""

import keras
import numpy as np
import pytest
from balancing.linear_problem import TASKS, data, gradients, gram, numbers, step, student
from helpers import numeric_gradient, toy_data, toy_losses, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.balancing import FSMTL, Balancing, CoGrad, SingleGradientStep

FAST = 0.01  # second steps would diverge at the rate above


def weights_after(before, shared, heads, rate=FAST):
    after = {f"head_{t}": before[f"head_{t}"] - rate * g for t, g in heads.items()}
    return {"shared": before["shared"] - rate * shared, **after}


def same(found, expected, **tolerance):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        options = {"rtol": 1e-4, "atol": 1e-5, **tolerance}
        np.testing.assert_allclose(found[name], value, **options, err_msg=name)


def own(found):
    return {task: one["head"] for task, one in found.items()}


class TestCoGrad:
    def test_with_the_hessians_of_a_quadratic(self):
        """`Hᵢ v = xᵀ (2/n) x v hᵢ hᵢᵀ`, summed over pairs as the formula has it."""
        _, before, after, _ = step(CoGrad(0.02, hessian="hvp"), rate=FAST)
        x, y = data()
        found = gradients(before, x, y)

        def hessian(task, direction):
            head, x64 = before[f"head_{task}"], x.astype("float64")
            return 2 / y[task].size * x64.T @ (x64 @ direction @ head @ head.T)

        update = sum(one["shared"] for one in found.values())
        for i in TASKS:
            for j in TASKS:
                if i != j:
                    pair = hessian(i, found[j]["shared"]) + hessian(j, found[i]["shared"])
                    update = update - 0.02 * pair
        same(after, weights_after(before, update, own(found)), rtol=1e-3, atol=1e-4)
        # That is the sum of the gradients, and a climb on their inner products.
        plain = sum(one["shared"] for one in found.values())

        def products(shared):
            matrix = gram(gradients({**before, "shared": shared}, x, y), "shared")
            return matrix.sum() - np.trace(matrix)

        slope = numeric_gradient(products, before["shared"])
        np.testing.assert_allclose(update, plain - 0.02 * slope, rtol=1e-5, atol=1e-4)

    def test_with_the_diagonal_of_the_fisher_matrix(self):
        _, before, after, _ = step(CoGrad(0.01), rate=FAST)
        found = gradients(before, *data())
        update = sum(one["shared"] for one in found.values())
        for i in TASKS:
            for j in TASKS:
                if i != j:
                    one, other = found[i]["shared"], found[j]["shared"]
                    update = update - 0.01 * (one**2 * other + other**2 * one)
        assert np.abs(update - sum(one["shared"] for one in found.values())).max() > 0.1
        same(after, weights_after(before, update, own(found)))


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


class TestSingleGradientStep:
    @pytest.mark.parametrize("head_rate", [None, 0.0])
    def test_two_explicit_phases(self, head_rate):
        method = SingleGradientStep(rate=FAST, head_rate=head_rate)
        _, before, after, _ = step(method, rate=FAST)
        x, y = data()
        # Heads first, while what is shared stays.
        heads = weights_after(before, 0.0, own(gradients(before, x, y)))
        ahead = heads if head_rate is None else before
        # Then every task on its own, from there.
        found, update = gradients(ahead, x, y), 0.0
        for task, one in found.items():
            stepped = {**ahead, "shared": ahead["shared"] - FAST * one["shared"]}
            update = update + gradients(stepped, x, y)[task]["shared"]
        same(after, {**heads, "shared": before["shared"] - FAST * update})


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


def test_names_stand_for_them():
    for name, cls in {"cograd": CoGrad, "fs_mtl": FSMTL}.items():
        assert type(mtkd.balancing.get(name)) is cls
    assert mtkd.balancing.get("single_gradient_step").head_rate == 0.01


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Balancing("cograd", level="representation"), r"works at `level='parameters'`"),
        (lambda: Balancing("cograd", weight_heads=True), "`weight_heads=True` needs a method"),
        (lambda: Balancing("fs_mtl", record=True), "`record=True` needs a method"),
        (lambda: Balancing("fs_mtl", "hierarchical"), "`objectives='hierarchical'` needs a method"),
        (lambda: CoGrad(-1), "`strength` must"),
        (lambda: CoGrad(hessian="exact"), "`hessian` must be one of"),
        (lambda: FSMTL(rho=-1), "`rho` must"),
        (lambda: SingleGradientStep(rate=-1), "Rates must"),
    ],
)
def test_errors_say_what_was_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_only_gradients_can_be_flat():
    with pytest.raises(TypeError, match="must combine gradients"):
        FSMTL("dwa")


def test_what_is_refused_by_the_layer():
    with pytest.raises(TypeError, match="`ParameterMethod`"):
        from keras_mtkd.layers.parameter_aggregator import ParameterAggregator

        ParameterAggregator("cagrad", 2)
