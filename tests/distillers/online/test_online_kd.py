import keras
import numpy as np
import pytest
from helpers import SAMPLES, equal_weights, snapshot, toy_data, toy_losses, toy_model, toy_teachers
from replicas import eagerly

import keras_mtkd as mtkd
from distillers.online.test_adaptive_l2 import oracle
from distillers.online.toy import compiled, fit, online, twin

BOTH = ("hidden", "features")


def states(optimizer):
    return [np.array(variable) for variable in optimizer.variables]


def feature(model, layer, x):
    return np.array(keras.Model(model.input, model.get_layer(layer).output)(x))


def formula(ratios, temperature=0.1):
    powers = np.exp(np.array(ratios, "float64") / temperature)
    return 2 * powers / powers.sum()


def after(history, epoch):
    """Task weights after an epoch, by the formula."""
    return formula(
        [history[f"{task}_loss"][epoch] / history[f"{task}_single_loss"][epoch] for task in "ab"]
    )


def weights_of(model):
    return np.array(model.task_weights)


class TestSingles:
    def test_are_trained_as_if_they_were_alone(self):
        singles = {task: toy_model((task,), 5, batch_norm=True) for task in "ab"}
        alone = {task: twin(model) for task, model in singles.items()}
        ways = [mtkd.FeatureDistillation("features", weight=100.0)]

        def optimizer():
            return keras.optimizers.SGD(0.05, momentum=0.9, global_clipnorm=0.1)

        model = online(singles=singles, distillation=ways, warmup=1)
        compiled(model, singles_optimizer=optimizer())
        history = fit(model, epochs=2)
        x, y = toy_data()
        for task, single in alone.items():
            single.compile(optimizer(), loss={task: toy_losses()[task]})
            expected = fit(single, epochs=2, data=(x, {task: y[task]}))
            assert history[f"{task}_single_loss"] == pytest.approx(expected["loss"], rel=1e-5)
            for one, other in zip(single.weights, singles[task].weights, strict=True):
                np.testing.assert_allclose(one, other, atol=1e-6)
            assert model.singles[task] is singles[task]

    def test_may_have_an_optimiser_each(self):
        still = {
            "a": keras.optimizers.SGD(0.0, momentum=0.9),
            "b": keras.optimizers.SGD(0.1, momentum=0.9),
        }
        model = compiled(online(), singles_optimizer=still)
        before = {task: snapshot(single) for task, single in model.singles.items()}
        fit(model)
        assert equal_weights(before["a"], snapshot(model.singles["a"]))
        assert not equal_weights(before["b"], snapshot(model.singles["b"]))


class TestWarmUp:
    def test_nothing_of_the_student_moves(self):
        own = [keras.optimizers.AdamW(1e-2, weight_decay=0.1) for _ in range(3)]
        model = online(toy_model(batch_norm=True), warmup=2)
        compiled(model, optimizer=own[0], adaptor_optimizer=own[1], sigma_optimizer=own[2])

        def parts():
            layers = [model.student, *model.adaptors.values()]
            weights = [v for layer in layers for v in snapshot(layer)]
            sigma = [np.array(value) for value in model.sigma.values()]
            return weights + sigma + [v for optimizer in own for v in states(optimizer)]

        before, singles = parts(), [snapshot(single) for single in model.singles.values()]
        history = fit(model, epochs=2)
        assert equal_weights(before, parts())
        for old, single in zip(singles, model.singles.values(), strict=True):
            assert not equal_weights(old, snapshot(single))
        assert history["a_loss"][0] == pytest.approx(history["a_loss"][1], rel=1e-6)
        assert history["a_distillation_loss"] == [0.0, 0.0]
        trained = [model.student, *model.adaptors.values()]
        still = [v for part in trained for v in map(np.array, part.trainable_variables)]
        assert fit(model)["a_distillation_loss"][0] > 0.1
        moved = [v for part in trained for v in map(np.array, part.trainable_variables)]
        assert not any(np.array_equal(one, two) for one, two in zip(still, moved, strict=True))
        assert [int(np.array(optimizer.iterations)) for optimizer in own] == [2, 2, 2]

    def test_is_counted_over_several_fits(self):
        model = compiled(online(warmup=2))
        before = snapshot(model.student)
        fit(model), fit(model)
        assert equal_weights(before, snapshot(model.student))
        fit(model)
        assert not equal_weights(before, snapshot(model.student))

    def test_may_be_left_out(self):
        x, y = toy_data(samples=24)
        model = compiled(online(warmup=0))
        before = snapshot(model.student)
        model.train_on_batch(x, y)
        assert not equal_weights(before, snapshot(model.student))


class TestObjective:
    def test_is_the_sum_that_the_documentation_states(self):
        singles = toy_teachers()
        ways = [mtkd.FeatureDistillation(tap, weight={"b": 2.0}) for tap in BOTH]
        model = compiled(
            online(singles=singles, distillation=ways, warmup=0),
            optimizer=keras.optimizers.SGD(0.0),
        )
        model.task_weights.assign([0.5, 1.5])
        x, y = toy_data()
        distances = dict.fromkeys("ab", 0.0)
        for task, factor in {"a": 1.0, "b": 2.0}.items():
            for tap in BOTH:
                adapted = model.adaptors[f"{task}/{tap}"](feature(model.student, tap, x))
                sigma = float(model.sigma[f"{task}/{tap}"])
                assert 0 <= sigma <= 1
                found = oracle(feature(singles[task], tap, x), np.array(adapted), sigma)
                distances[task] += factor * found.mean() / 2
        losses = {t: float(toy_losses()[t](y[t], model.student(x)[t])) for t in "ab"}
        single = {t: float(toy_losses()[t](y[t], singles[t](x)[t])) for t in "ab"}
        logs = {name: values[0] for name, values in fit(model, batch_size=SAMPLES).items()}
        for task in "ab":
            assert logs[f"{task}_loss"] == pytest.approx(losses[task], rel=1e-5)
            assert logs[f"{task}_single_loss"] == pytest.approx(single[task], rel=1e-5)
            assert logs[f"{task}_distillation_loss"] == pytest.approx(distances[task], rel=1e-4)
        expected = sum(single.values()) + sum(distances.values())
        expected += 0.5 * losses["a"] + 1.5 * losses["b"]
        assert logs["loss"] == pytest.approx(expected, rel=1e-5)

    def test_regularisers_count_once(self):
        def build(tasks, width):
            inputs = keras.Input((6,))
            x = keras.layers.Dense(width, kernel_regularizer="l2", name="features")(inputs)
            units = {"a": 3, "b": 1}
            return keras.Model(inputs, {t: keras.layers.Dense(units[t])(x) for t in tasks})

        singles = {task: build(task, 5) for task in "ab"}
        model = compiled(
            online(build("ab", 8), singles, [], warmup=0), optimizer=keras.optimizers.SGD(0.0)
        )
        logs = fit(model)
        nets = [model.student, *singles.values()]
        penalty = sum(
            0.01 * float((np.array(net.get_layer("features").kernel) ** 2).sum()) for net in nets
        )
        parts = sum(logs[f"{t}_{kind}"][0] for t in "ab" for kind in ("loss", "single_loss"))
        assert logs["loss"][0] == pytest.approx(parts + penalty, rel=1e-5)

    def test_optimisers_of_student_adaptors_and_sigma_are_their_own(self):
        kinds = ("optimizer", "adaptor_optimizer", "sigma_optimizer", "singles_optimizer")
        for moving in kinds[:3]:
            rates = {kind: keras.optimizers.SGD(0.1 * (kind == moving)) for kind in kinds}
            model = compiled(online(warmup=0), **rates)
            parts = {
                "optimizer": model.student.trainable_variables,
                "adaptor_optimizer": model.adaptors["a/features"].trainable_variables,
                "sigma_optimizer": list(model.sigma.values()),
            }
            before = {name: [np.array(v) for v in part] for name, part in parts.items()}
            fit(model)
            for name, part in parts.items():
                same = equal_weights(before[name], [np.array(v) for v in part])
                assert same == (name != moving), (moving, name)

    @pytest.mark.traced
    def test_distillation_brings_features_closer(self):
        model = compiled(online(warmup=0), adaptor_optimizer=keras.optimizers.Adam(0.3))
        distances = fit(model, epochs=20)["a_distillation_loss"]
        assert distances[-1] < 0.5 * distances[0]


class TestTaskWeights:
    def test_follow_the_formula_epoch_by_epoch(self):
        model = compiled(online(warmup=1), optimizer=keras.optimizers.SGD(0.02, momentum=0.9))
        history = fit(model, epochs=4, validation_data=toy_data(1))
        weights = np.array([history[f"{task}_task_weight"] for task in "ab"]).T
        np.testing.assert_array_equal(weights[:2], np.ones((2, 2)))
        for epoch in (1, 2):
            np.testing.assert_allclose(weights[epoch + 1], after(history, epoch), rtol=1e-4)
        np.testing.assert_allclose(weights_of(model), after(history, 3), rtol=1e-4)
        assert abs(weights[2, 0] - 1) > 1e-3
        third = {name: values[2] for name, values in history.items()}
        total = sum(weights[2, place] * third[f"{t}_loss"] for place, t in enumerate("ab"))
        total += sum(third[f"{t}_single_loss"] + third[f"{t}_distillation_loss"] for t in "ab")
        assert third["loss"] == pytest.approx(total, rel=1e-4)

    def test_take_temperature_and_clip(self):
        model = online(warmup=0, temperature=0.5, clip=1.2)
        model.end_epoch({"a_loss": 3.0, "a_single_loss": 1.0, "b_loss": 1.0, "b_single_loss": 1.0})
        powers = np.exp(np.array([1.2, 1.0]) / 0.5)
        np.testing.assert_allclose(
            np.array(model.task_weights), 2 * powers / powers.sum(), rtol=1e-5
        )

    def test_a_task_without_labels_is_neither_ahead_nor_behind(self):
        x, y = toy_data()
        none = {"a": np.zeros(SAMPLES, "float32"), "b": np.ones(SAMPLES, "float32")}
        model = compiled(online(warmup=0))
        single = snapshot(model.singles["a"])
        history = fit(model, data=(x, y, none))
        assert history["a_loss"] == history["a_distillation_loss"] == [0.0]
        assert equal_weights(single, snapshot(model.singles["a"]))
        behind = history["b_loss"][0] / history["b_single_loss"][0]
        powers = np.exp(np.array([1.0, behind]) / 0.1)
        np.testing.assert_allclose(
            np.array(model.task_weights), 2 * powers / powers.sum(), rtol=1e-3
        )


class TestWithTheRestOfKeras:
    def test_evaluation_is_the_students_own(self):
        model = online(toy_model(batch_norm=True), warmup=0)
        compiled(model, metrics={"a": ["accuracy"]})
        history = fit(model, epochs=2, validation_data=toy_data(1))
        x, y = toy_data(1)
        arguments = {"batch_size": 24, "return_dict": True, "verbose": 0}
        before = snapshot(model)
        logs = model.evaluate(x, y, **arguments)
        model.student.compile(loss=toy_losses(), metrics={"a": ["accuracy"]})
        assert logs == pytest.approx(model.student.evaluate(x, y, **arguments), rel=1e-5)
        assert history["val_loss"][-1] == pytest.approx(logs["loss"], rel=1e-5)
        assert {name for name in history if name.startswith("val_")} == {f"val_{n}" for n in logs}
        for task, values in model.student.predict(x, verbose=0).items():
            np.testing.assert_allclose(model.predict(x, verbose=0)[task], values, rtol=1e-6)
        assert equal_weights(before, snapshot(model))

    @pytest.mark.traced
    def test_several_steps_in_one_execution(self):
        def trained(steps):
            keras.utils.set_random_seed(0)
            model = compiled(online(warmup=1), steps_per_execution=steps)
            fit(model, epochs=2)
            return snapshot(model.student)

        with eagerly():
            single = trained(1)
        for one, other in zip(single, trained(2), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)

    def test_a_list_of_callbacks_made_before(self):
        model = compiled(online(warmup=1))
        history = keras.callbacks.History()
        made = keras.callbacks.CallbackList([history], model=model, epochs=1, steps=2)
        fit(model, callbacks=made), fit(model, callbacks=made)
        assert int(np.array(model._epochs)) == 2
        assert "a_task_weight" in history.history

    @pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
    def test_mixed_precision(self, policy):
        keras.config.set_dtype_policy(policy)
        model = compiled(online(warmup=1))
        before = snapshot(model.student)
        fit(model)
        assert equal_weights(before, snapshot(model.student))
        history = fit(model, epochs=2)
        assert all(np.isfinite(values).all() for values in history.values())
        assert history["loss"][-1] < history["loss"][0]


def test_what_compile_refuses():
    with pytest.raises(ValueError, match="The head 'b' has no loss"):
        online().compile("sgd", loss={"a": "mse"})
    with pytest.raises(ValueError, match="`loss_weights`"):
        online().compile("sgd", loss=toy_losses(), loss_weights={"a": 1.0})
    with pytest.raises(ValueError, match="network of 'b' has no optimiser"):
        online().compile("sgd", loss=toy_losses(), singles_optimizer={"a": "sgd"})


def test_labels_are_looked_at_before_training():
    x, y = toy_data()
    with pytest.raises(ValueError, match="no labels for task 'b'"):
        fit(compiled(online()), data=(x, {"a": y["a"]}))
