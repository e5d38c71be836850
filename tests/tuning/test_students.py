"""What was chosen is what is trained."""

import keras
import numpy as np
import pytest
from problems import tiny_problem
from searching import CHOICES, untrained_teachers

import keras_mtkd as mtkd
from keras_mtkd._backend.keras_compat import rate_of
from keras_mtkd.losses._registry import DISTANCES
from keras_mtkd.tuning import new_distiller, schedule_callbacks


def distiller(epochs=5, **changes):
    problem = tiny_problem()
    choices = {**CHOICES, **changes}
    return new_distiller(problem, untrained_teachers(problem), choices, epochs)


class TestNewDistiller:
    def test_weights_temperature_and_rates(self):
        model = distiller()
        features, logits = model.distillations
        assert features.weight == {"a": 2.0, "b": 3.0}
        assert (logits.weight_of("a"), logits.temperature) == (0.5, 3.0)
        rates = {}
        for optimizer in model.optimizer.optimizers:
            schedule = rate_of(optimizer)
            assert schedule.decay_steps == 5 * 4  # epochs, and batches of 8 in 32 samples
            rates[schedule.initial_learning_rate] = optimizer
        assert set(rates) == {0.01, 0.1}

    def test_no_logits(self):
        assert [way.name for way in distiller(logit_weight=0.0).distillations] == ["features"]

    @pytest.mark.parametrize("name", ["normalized_l2", "cka", "log_sum", "relational"])
    def test_every_distance_is_finite_and_moves_the_student(self, name):
        model = distiller(distance=name, logit_weight=0.0)
        problem = tiny_problem()
        before = np.array(model.student.trainable_variables[0])
        logs = model.train_on_batch(*problem.train[0], return_dict=True)
        assert isinstance(model.distillations[0].loss, DISTANCES[name])
        assert np.isfinite(logs["a_distillation_loss"])
        assert np.any(np.array(model.student.trainable_variables[0]) != before)

    def test_a_loss_of_ones_own(self):
        loss = mtkd.losses.CKALoss()
        assert distiller(distance=loss).distillations[0].loss is loss

    def test_all_taps_and_teachers_of_some_tasks(self):
        def backbone():
            inputs = keras.Input((6,))
            early = keras.layers.Dense(4, name="early")(inputs)
            return keras.Model(inputs, keras.layers.Dense(4, name="features")(early))

        problem = tiny_problem()
        problem.backbone, problem.taps = backbone, ("early", "features")
        teachers = {"b": problem.single("b")}
        model = new_distiller(problem, teachers, {**CHOICES, "tap": "all"}, 1)
        assert [way.name for way in model.distillations] == ["early", "features", "logits"]
        assert model.distillations[0].weight == {"b": 3.0}


class TestBalancing:
    @pytest.mark.parametrize(("name", "level"), [("upgrad", "representation"), ("dwa", None)])
    def test_by_name(self, name, level):
        model = distiller(balancing=name)
        assert model.balancing.method.get_config() == mtkd.balancing.get(name).get_config()
        assert level is None or model.balancing.level == level

    def test_none(self):
        assert distiller(balancing="none").balancing is None

    def test_students_whose_tasks_meet_nowhere(self):
        inputs = keras.Input((6,))
        both = [keras.layers.Dense(4)(inputs) for _ in range(2)]
        heads = {
            "a": keras.layers.Dense(3)(keras.layers.Add()(both)),
            "b": keras.layers.Dense(1)(keras.layers.Subtract()(both)),
        }
        choices = {**CHOICES, "balancing": "upgrad", "tap": "head", "logit_weight": 0.0}
        problem = tiny_problem()
        model = new_distiller(problem, {}, choices, 1, keras.Model(inputs, heads))
        assert model.balancing.level == "parameters"


class TestScheduleCallbacks:
    def test_none(self):
        assert schedule_callbacks(tiny_problem(), {**CHOICES, "schedule": "none"}, 5) == []

    def test_arguments(self):
        choices = {**CHOICES, "mode": "exclusive", "stages": "adaptive"}
        grouping, stages = schedule_callbacks(tiny_problem(), choices, 5)
        assert (grouping.threshold, grouping.layer) == (0.5, "features")
        assert (stages.mode, stages.stages, stages.last_start) == ("exclusive", "adaptive", 0.5)
        assert stages.complexity == "teacher"

    @pytest.mark.parametrize("parts", [[4], [1, 2, 4]])
    def test_stages_are_those_of_the_whole_run(self, parts):
        problem = tiny_problem(samples=8)
        model = distiller(epochs=4)
        stages, begun = [], 0
        for end in parts:
            callbacks = schedule_callbacks(problem, {**CHOICES, "threshold": 0.9999}, 4)
            stages += model.fit(
                problem.validation,
                initial_epoch=begun,
                epochs=end,
                callbacks=callbacks,
                verbose=0,
            ).history["stage"]
            begun = end
        assert stages == [0] * 2 + [1] * 2
