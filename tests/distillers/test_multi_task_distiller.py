import keras
import numpy as np
import pytest
from helpers import (
    BACKEND,
    SAMPLES,
    equal_weights,
    note_execution,
    snapshot,
    toy_data,
    toy_losses,
    toy_model,
    toy_teachers,
)
from replicas import eagerly

import keras_mtkd as mtkd


def distiller(student=None, teachers=None, distillation=(), **compiled):
    teachers = toy_teachers() if teachers is None else teachers
    model = mtkd.MultiTaskDistiller(student or toy_model(), teachers, distillation)
    model.compile(**{"optimizer": keras.optimizers.SGD(0.05), "loss": toy_losses(), **compiled})
    return model


def fit(model, epochs=1, batch_size=SAMPLES, data=None, **kwargs):
    x, y, *rest = data or toy_data()
    weights = {"sample_weight": rest[0]} if rest else {}
    return model.fit(
        x, y, batch_size=batch_size, epochs=epochs, shuffle=False, verbose=0, **weights, **kwargs
    )


FEATURES = mtkd.FeatureDistillation("features")


def dense(layer, x):
    kernel, *bias = layer.get_weights()
    return x @ kernel + sum(bias)


def features(model, x):
    """Those of a toy model, in NumPy."""
    hidden = np.maximum(dense(model.get_layer("hidden"), x), 0.0)
    return dense(model.get_layer("features"), hidden)


def normalized_l2(teacher, student):
    """The default distance, one value a sample."""
    one, other = (
        values / np.sqrt((values.astype("float64") ** 2).sum(-1, keepdims=True) + 1e-6)
        for values in (teacher, student)
    )
    return ((one - other) ** 2).sum(-1)


@pytest.mark.filterwarnings("ignore:There are teachers")
class TestPlainMultiTaskLearning:
    def test_ten_steps_equal_a_plain_keras_model(self):
        keras.utils.set_random_seed(3)
        plain = toy_model(batch_norm=True)
        student = keras.models.clone_model(plain)
        student.set_weights(plain.get_weights())
        plain.compile(keras.optimizers.Adam(1e-2), loss=toy_losses())
        model = distiller(student, optimizer=keras.optimizers.Adam(1e-2))
        data = toy_data(samples=80)
        history, expected = (fit(m, batch_size=8, data=data) for m in (model, plain))
        assert int(model.optimizer.iterations) == 10
        for one, other in zip(student.weights, plain.weights, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)
        for name in ("loss", "a_loss", "b_loss"):
            assert history.history[name] == pytest.approx(expected.history[name], rel=1e-5)

    def test_zero_distillation_weights_equal_it_too(self):
        one, other = toy_model(), toy_model()
        other.set_weights(one.get_weights())
        plain, idle = distiller(one), distiller(other, distillation=[FEATURES])
        idle.distillation_weights.assign([0.0, 0.0])
        fit(plain), fit(idle)
        for a, b in zip(one.weights, other.weights, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)

    def test_regularisers_and_activity_losses_of_the_student_count(self):
        def build():
            keras.utils.set_random_seed(5)
            inputs = keras.Input((6,))
            x = keras.layers.Dense(
                8, kernel_regularizer="l2", activity_regularizer="l1", name="features"
            )(inputs)
            return keras.Model(
                inputs, {"a": keras.layers.Dense(3)(x), "b": keras.layers.Dense(1)(x)}
            )

        plain = build()
        plain.compile(keras.optimizers.SGD(0.05), loss=toy_losses())
        model = distiller(build(), {})
        history, expected = fit(model, epochs=2), fit(plain, epochs=2)
        assert history.history["loss"] == pytest.approx(expected.history["loss"], rel=1e-5)
        assert history.history["loss"][0] > sum(
            history.history[f"{task}_loss"][0] for task in ("a", "b")
        )


class TestObjective:
    def test_is_the_sum_that_the_documentation_states(self):
        teachers = toy_teachers()
        ways = [
            mtkd.FeatureDistillation("features", weight={"b": 2.0}, adaptor="linear"),
            mtkd.LogitDistillation(tasks=["b"], weight=0.5),
        ]
        model = mtkd.MultiTaskDistiller(toy_model(), teachers, ways, task_weights={"a": 3.0})
        model.distillation_weights.assign([0.5, 4.0])
        model.compile(keras.optimizers.SGD(0.0), loss=toy_losses())
        x, y = toy_data()
        own = features(model.student, x)
        taught = {task: features(teacher, x) for task, teacher in teachers.items()}
        distance = {
            task: normalized_l2(seen, dense(model.adaptors[f"{task}/features"], own)).mean()
            for task, seen in taught.items()
        }
        a, b = (dense(head, own) for head in model.student.layers[-2:])
        chosen = a[np.arange(SAMPLES), y["a"]]
        loss = {
            "a": np.mean(np.log(np.exp(a).sum(axis=1)) - chosen),
            "b": np.mean((b - y["b"]) ** 2),
        }
        logit = np.mean((dense(teachers["b"].layers[-1], taught["b"]) - b) ** 2)
        expected = 3 * loss["a"] + loss["b"]
        expected += 0.5 * distance["a"] + 4.0 * (2.0 * distance["b"] + 0.5 * logit)
        logs = {k: v[0] for k, v in fit(model).history.items()}
        assert logs["loss"] == pytest.approx(expected, rel=1e-5)
        assert logs["a_loss"] == pytest.approx(loss["a"], rel=1e-5)
        assert logs["a_distillation_loss"] == pytest.approx(distance["a"], rel=1e-5)
        both = 2.0 * distance["b"] + 0.5 * logit
        assert logs["b_distillation_loss"] == pytest.approx(both, rel=1e-5)
        assert logs["b_features_distillation_loss"] == pytest.approx(distance["b"], rel=1e-5)
        assert logs["b_logits_distillation_loss"] == pytest.approx(logit, rel=1e-5)

    @pytest.mark.traced
    def test_weights_assigned_by_a_callback_take_effect_without_retracing(self):
        traces = []

        class Counting(mtkd.MultiTaskDistiller):
            def compute_loss(self, *args, **kwargs):
                traces.append(1)
                return super().compute_loss(*args, **kwargs)

        class Switch(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                self.model.task_weights.assign([1.0, float(epoch)])
                self.model.distillation_weights.assign([float(epoch), 0.0])

        model = Counting(toy_model(), toy_teachers(), [FEATURES])
        model.compile(keras.optimizers.SGD(0.0), loss=toy_losses())
        history = fit(model, epochs=3, callbacks=[Switch()]).history
        a, b, distance = history["a_loss"][0], history["b_loss"][0], history["a_distillation_loss"]
        assert history["loss"][0] == pytest.approx(a, rel=1e-5)
        assert history["loss"][1] == pytest.approx(a + b + distance[1], rel=1e-5)
        assert history["loss"][2] == pytest.approx(a + 2 * b + 2 * distance[2], rel=1e-5)
        assert history["b_distillation_loss"] == [0.0, 0.0, 0.0]
        assert len(traces) <= 2

    def test_sample_weights_are_honoured_per_task(self):
        x, y = toy_data()
        half = np.repeat([1.0, 0.0], SAMPLES // 2).astype("float32")
        weights = {"a": half, "b": np.ones(SAMPLES, "float32")}
        frozen = keras.optimizers.SGD(0.0)
        one = distiller(distillation=[FEATURES], optimizer=frozen)
        weighted = fit(one, data=(x, y, weights)).history
        rows = [*range(SAMPLES // 2)] * 2  # as many as there are, for the same program
        part = x[rows], {task: labels[rows] for task, labels in y.items()}
        plain = fit(one, data=part).history
        whole = fit(one, data=(x, y)).history
        for name in ("a_loss", "a_distillation_loss"):
            assert weighted[name][0] == pytest.approx(plain[name][0] / 2, rel=1e-4)
        for name in ("b_loss", "b_distillation_loss"):
            assert weighted[name][0] == pytest.approx(whole[name][0], rel=1e-4)

    def test_a_teacher_may_teach_where_the_label_is_missing(self):
        x, y = toy_data()
        none = {"a": np.zeros(SAMPLES, "float32"), "b": np.ones(SAMPLES, "float32")}
        way = mtkd.FeatureDistillation("features", use_sample_weight=False)
        history = fit(distiller(distillation=[way]), data=(x, y, none)).history
        assert history["a_loss"] == [0.0]
        assert history["a_distillation_loss"][0] > 0.1

    @pytest.mark.filterwarnings("ignore:The teacher of .a. teaches on 0 %")
    def test_a_task_without_labels_and_terms_changes_nothing_of_its_own(self):
        x, y = toy_data()
        none = {"a": np.zeros(SAMPLES, "float32"), "b": np.ones(SAMPLES, "float32")}
        model = distiller(distillation=[FEATURES])
        adaptor = model.adaptors["a/features"]
        before = snapshot(adaptor)
        fit(model, data=(x, y, none))
        assert equal_weights(before, snapshot(adaptor))


def counting(note):
    """A dense layer that calls a function whenever it is executed."""

    class Counting(keras.layers.Dense):
        def call(self, inputs):
            if not isinstance(inputs, keras.KerasTensor):
                note_execution(note)
            return super().call(inputs)

    return Counting


class TestTeachers:
    def test_come_back_as_they_were_given_and_run_in_inference_mode(self):
        teachers = toy_teachers()
        teachers["a"] = toy_model(("a",), 5, batch_norm=True)
        teachers["a"].get_layer("features").trainable = False
        flags = [[v.trainable for v in t.variables] for t in teachers.values()]
        weights = [snapshot(t) for t in teachers.values()]
        model = distiller(teachers=teachers, distillation=[FEATURES])
        fit(model, epochs=2)
        assert [[v.trainable for v in t.variables] for t in teachers.values()] == flags
        for teacher, before in zip(teachers.values(), weights, strict=True):
            assert equal_weights(snapshot(teacher), before)
        assert model.teachers == teachers

    def test_only_student_and_adaptors_are_trained(self):
        model = distiller(distillation=[FEATURES])
        adaptors = [v for layer in model.adaptors.values() for v in layer.trainable_variables]
        expected = {id(v) for v in [*model.student.trainable_variables, *adaptors]}
        assert {id(v) for v in model.trainable_variables} == expected
        parts = [*model.trainable_variables, *model.non_trainable_variables]
        assert {id(v) for v in parts} == {id(v) for v in model.variables}
        assert len(parts) == len(model.variables)

    def test_regularisers_of_teachers_do_not_count(self):
        def teacher(regularizer):
            keras.utils.set_random_seed(1)
            inputs = keras.Input((6,))
            x = keras.layers.Dense(
                5, name="features", kernel_regularizer=regularizer, activity_regularizer=regularizer
            )(inputs)
            return keras.Model(inputs, {"a": keras.layers.Dense(3)(x)})

        student, losses = toy_model(), []
        for regularizer in (None, keras.regularizers.L2(10.0)):
            keras.utils.set_random_seed(2)
            model = mtkd.MultiTaskDistiller(student, {"a": teacher(regularizer)}, [FEATURES])
            model.compile(keras.optimizers.SGD(0.0), loss=toy_losses())
            total = fit(model).history
            losses.append(total["a_distillation_loss"][0])
            assert total["loss"][0] == pytest.approx(
                total["a_loss"][0] + total["b_loss"][0] + total["a_distillation_loss"][0], rel=1e-5
            )

    def test_may_be_missing_for_some_tasks(self):
        model = distiller(teachers={"b": toy_model(("b",), 5)}, distillation=[FEATURES])
        history = fit(model).history
        assert "b_distillation_loss" in history
        assert "a_distillation_loss" not in history
        assert list(model.adaptors) == ["b/features"]

    def test_one_model_may_teach_several_tasks_in_one_forward(self):
        runs = []
        inputs = keras.Input((6,))
        x = counting(lambda: runs.append(1))(5, name="features")(inputs)
        both = keras.Model(inputs, {"a": keras.layers.Dense(3)(x), "b": keras.layers.Dense(1)(x)})
        ways = [FEATURES, mtkd.LogitDistillation()]
        model = distiller(teachers={"a": both, "b": both}, distillation=ways)
        assert len(model.frozen_teachers) == 1
        model.wiring.other_units = {}  # as if `fit` had looked at its units
        fit(model)
        assert len(runs) == 1

    @pytest.mark.traced
    def test_run_only_while_their_weight_is_positive(self):
        runs = []

        def teacher(task):
            inputs = keras.Input((6,))
            x = counting(lambda: runs.append(task))(5, name="features")(inputs)
            return keras.Model(inputs, {task: keras.layers.Dense({"a": 3, "b": 1}[task])(x)})

        model = distiller(teachers={t: teacher(t) for t in "ab"}, distillation=[FEATURES])
        model.distillation_weights.assign([0.0, 1.0])
        fit(model, epochs=3)
        assert runs == ["b"] * 3
        model.distillation_weights.assign([2.0, 0.0])
        fit(model, epochs=3)
        assert runs == ["b"] * 3 + ["a"] * 3


class TestInference:
    def test_evaluate_and_predict_are_the_students_own(self):
        model = distiller(
            toy_model(batch_norm=True), distillation=[FEATURES], metrics={"a": ["accuracy"]}
        )
        norm = model.student.get_layer("norm")
        mean = np.array(norm.moving_mean)
        fit(model)
        # The student learns batch statistics in training, and only there.
        assert not np.array_equal(mean, norm.moving_mean)
        x, y = toy_data(1)
        before = snapshot(model)
        arguments = {"batch_size": 16, "return_dict": True, "verbose": 0}
        logs = model.evaluate(x, y, **arguments)
        model.student.compile(loss=toy_losses(), metrics={"a": ["accuracy"]})
        expected = model.student.evaluate(x, y, **arguments)
        assert logs == pytest.approx(expected, rel=1e-5)
        predictions = model.predict(x, batch_size=16, verbose=0)
        assert sorted(predictions) == ["a", "b"]
        for task, values in model.student.predict(x, batch_size=16, verbose=0).items():
            np.testing.assert_allclose(predictions[task], values, rtol=1e-6)
        assert equal_weights(before, snapshot(model))

    def test_a_smaller_last_batch_counts_for_its_samples(self):
        model = distiller()
        x, y = toy_data()
        logs = [
            model.evaluate(x, y, batch_size=size, return_dict=True, verbose=0)
            for size in (SAMPLES, 32)
        ]
        assert logs[0] == pytest.approx(logs[1], rel=1e-5)

    def test_a_call_outside_training_is_the_students_own(self):
        model = distiller(distillation=[FEATURES])
        x, _ = toy_data()
        assert sorted(model(x)) == ["a", "b"]
        np.testing.assert_array_equal(model(x)["a"], model.student(x)["a"])


class TestTraining:
    def test_distillation_brings_features_closer(self):
        model = distiller(
            distillation=[FEATURES],
            optimizer=keras.optimizers.SGD(1e-2),
            adaptor_optimizer=keras.optimizers.Adam(0.3),
        )
        history = fit(model, epochs=8).history
        for task in "ab":
            distances = history[f"{task}_distillation_loss"]
            assert distances[-1] < 0.5 * distances[0]

    def test_adaptors_have_their_own_rate(self):
        model = distiller(
            distillation=[FEATURES],
            optimizer=keras.optimizers.SGD(0.0),
            adaptor_optimizer=keras.optimizers.Adam(0.1),
        )
        student, adaptor = snapshot(model.student), snapshot(model.adaptors["a/features"])
        fit(model)
        assert equal_weights(student, snapshot(model.student))
        assert not equal_weights(adaptor, snapshot(model.adaptors["a/features"]))

    def test_callbacks_can_watch_every_loss(self, tmp_path):
        model = distiller(distillation=[FEATURES], metrics={"a": ["accuracy"], "b": ["mae"]})
        stop = keras.callbacks.EarlyStopping("a_distillation_loss", patience=0, mode="max")
        keep = keras.callbacks.ModelCheckpoint(
            str(tmp_path / "best.keras"), "val_b_loss", save_best_only=True, mode="min"
        )
        log = keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))
        history = fit(
            model, epochs=9, callbacks=[stop, keep, log], validation_data=toy_data(1)
        ).history
        assert len(history["loss"]) < 9
        assert (tmp_path / "best.keras").exists()
        names = {"loss", "a_loss", "b_loss", "a_distillation_loss", "a_accuracy", "b_mae"}
        assert names <= set(history)
        assert {f"val_{name}" for name in names - {"a_distillation_loss"}} <= set(history)
        assert not any(name.startswith("val_") and "distillation" in name for name in history)
        assert "b_distillation_loss" in (tmp_path / "log.csv").read_text()

    def test_metrics_belong_to_their_heads(self):
        model = distiller(metrics={"b": ["mae"], "a": ["accuracy"]})
        x, y = toy_data()
        logs = model.evaluate(x, y, batch_size=SAMPLES, return_dict=True, verbose=0)
        outputs = model.predict(x, batch_size=SAMPLES, verbose=0)
        assert logs["b_mae"] == pytest.approx(np.abs(outputs["b"] - y["b"]).mean(), rel=1e-5)
        right = (outputs["a"].argmax(-1) == y["a"]).mean()
        assert logs["a_accuracy"] == pytest.approx(right, rel=1e-5)

    @pytest.mark.traced
    def test_several_steps_in_one_execution(self):
        one, other = toy_model(), toy_model()
        other.set_weights(one.get_weights())
        keras.utils.set_random_seed(0)
        single = distiller(one, distillation=[FEATURES])
        keras.utils.set_random_seed(0)
        several = distiller(other, distillation=[FEATURES], steps_per_execution=3)
        for layer, twin in zip(single.adaptors.values(), several.adaptors.values(), strict=True):
            twin.set_weights(layer.get_weights())
        several.teachers["a"].set_weights(single.teachers["a"].get_weights())
        several.teachers["b"].set_weights(single.teachers["b"].get_weights())
        with eagerly():
            fit(single, batch_size=8)
        fit(several, batch_size=8)
        for a, b in zip(one.weights, other.weights, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)

    def test_labels_of_other_tasks_are_overlooked(self):
        model = mtkd.MultiTaskDistiller(toy_model(("a",)), {})
        model.compile("sgd", loss={"a": toy_losses()["a"]}, weighted_metrics={"a": ["accuracy"]})
        x, y = toy_data()
        weights = {task: np.ones(SAMPLES, "float32") for task in y}
        assert "a_loss" in fit(model, data=(x, y, weights)).history

    def test_summary_shows_student_adaptors_and_teachers(self, capsys):
        model = distiller(toy_model(name="my_student"), distillation=[FEATURES])
        model.summary()
        text = capsys.readouterr().out
        for name in ("my_student", "adaptor_a_features", "adaptor_b_features", "teacher_a"):
            assert name in text

    @pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
    def test_mixed_precision(self, policy):
        keras.config.set_dtype_policy(policy)
        model = distiller(distillation=[FEATURES, mtkd.LogitDistillation()])
        history = fit(model, epochs=6).history
        assert all(np.isfinite(values).all() for values in history.values())
        assert history["loss"][-1] < history["loss"][0]
        assert model.student.get_layer("hidden").compute_dtype == policy.removeprefix("mixed_")
        wrapped = isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
        assert wrapped == (policy == "mixed_float16")

    def test_dict_inputs(self):
        left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")

        def build(tasks, width):
            x = keras.layers.Concatenate()([left, right])
            x = keras.layers.Dense(width, name="features")(x)
            units = {"a": 3, "b": 1}
            outputs = {t: keras.layers.Dense(units[t])(x) for t in tasks}
            return keras.Model({"left": left, "right": right}, outputs)

        model = distiller(build("ab", 8), {"a": build("a", 5)}, [FEATURES])
        x, y = toy_data()
        history = fit(model, data=({"left": x[:, :3], "right": x[:, 3:]}, y)).history
        assert history["a_distillation_loss"][0] > 0

    def test_keras_own_distillation_losses_are_accepted(self):
        own = keras.distillation.FeatureDistillation(
            loss=keras.losses.MeanSquaredError(),
            student_layer_name="features",
            teacher_layer_name="features",
        )
        teachers = {"a": toy_model(("a",), 8), "b": toy_model(("b",), 8)}
        model = distiller(teachers=teachers, distillation=[own], optimizer="sgd")
        model.compile(keras.optimizers.SGD(0.0), loss=toy_losses())
        x, _ = data = toy_data()
        history = fit(model, data=data).history

        expected = ((features(teachers["a"], x) - features(model.student, x)) ** 2).mean()
        assert history["a_distillation_loss"][0] == pytest.approx(expected, rel=1e-5)

    def test_learning_rate_can_be_scheduled_by_a_callback_with_one_optimiser(self):
        model = distiller(distillation=[FEATURES])
        schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
        fit(model, epochs=2, callbacks=[schedule])
        assert float(model.optimizer.learning_rate) == pytest.approx(0.05)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tensorflow data sets")
def test_tensorflow_data_sets():
    import tensorflow as tf

    x, y = toy_data()
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(24)
    model = distiller(distillation=[FEATURES])
    history = model.fit(data, validation_data=data, shuffle=False, verbose=0).history
    assert history["val_loss"][0] > 0


def test_xla_is_chosen_by_device_and_may_be_asked_for():
    def chosen(**arguments):
        model = mtkd.MultiTaskDistiller(toy_model(), {})
        model.compile("sgd", loss=toy_losses(), **arguments)
        return model.jit_compile, model.get_compile_config()

    jit, config = chosen()
    assert jit is (BACKEND == "jax" or bool(keras.distribution.list_devices("gpu")))
    assert "jit_compile" not in config  # a loaded model chooses anew
    assert chosen(jit_compile=True)[0] is True
    assert chosen(jit_compile=False)[0] is False


def test_the_old_name_tells_the_new_one():
    with pytest.raises(AttributeError, match="called `distillation_loss_weights`"):
        _ = mtkd.MultiTaskDistiller(toy_model(), {}).way_weights
