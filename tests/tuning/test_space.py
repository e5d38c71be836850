"""The space, as every source of values sees it."""

import pytest
from problems import tiny_problem
from searching import untrained_teachers

import keras_mtkd as mtkd
from keras_mtkd.tuning import new_distiller, schedule_callbacks, search_space
from keras_mtkd.tuning.space import DIMENSIONS


class Noting:
    """Draws the lowest value or a given choice and notes what was asked."""

    def __init__(self, **chosen):
        self.chosen, self.asked = chosen, {}

    def suggest_float(self, name, low, high, *, log=False):
        self.asked[name] = (low, high, log)
        return low

    def suggest_int(self, name, low, high, *, log=False):
        self.asked[name] = (low, high, log)
        return low

    def suggest_categorical(self, name, choices):
        self.asked[name] = list(choices)
        return self.chosen.get(name, choices[0])


SCHEDULED = {"threshold", "mode", "stages", "last_start"}


class TestSearchSpace:
    def test_all_dimensions(self):
        suggest = Noting()
        choices = search_space(suggest, tiny_problem())
        assert set(choices) == set(DIMENSIONS)
        assert set(suggest.asked) == set(DIMENSIONS) - {"tap", "weight"} | {"weight_a", "weight_b"}
        assert suggest.asked["learning_rate"] == (3e-4, 3e-2, True)
        assert suggest.asked["threshold"] == (0.1, 0.9, False)
        assert choices["weight"] == {"a": 0.3, "b": 0.3}
        assert choices["tap"] == "features"

    def test_no_dimensions_of_a_schedule_that_there_is_not(self):
        for suggest, given in (
            (Noting(schedule="none"), {}),
            (Noting(), {"schedule": "none"}),
        ):
            choices = search_space(suggest, tiny_problem(), given)
            assert set(choices) == set(DIMENSIONS) - SCHEDULED
            assert not SCHEDULED & set(suggest.asked)

    def test_several_taps(self):
        problem = tiny_problem()
        problem.taps = ("features", "late")
        suggest = Noting(tap="all")
        assert search_space(suggest, problem)["tap"] == "all"
        assert suggest.asked["tap"] == ["features", "late", "all"]

    def test_fixed_narrowed_and_further_dimensions(self):
        suggest = Noting()
        given = {
            "temperature": 4.0,
            "mode": lambda suggest, problem: suggest.suggest_categorical("mode", ["cycle"]),
            "width": lambda suggest, problem: suggest.suggest_int("width", len(problem.tasks), 9),
        }
        choices = search_space(suggest, tiny_problem(), given)
        assert (choices["temperature"], choices["mode"], choices["width"]) == (4.0, "cycle", 2)
        assert "temperature" not in suggest.asked

    def test_value_for_an_unknown_dimension(self):
        with pytest.raises(ValueError, match="no dimension 'temprature' to fix"):
            search_space(Noting(), tiny_problem(), {"temprature": 4.0})


@pytest.mark.extra("optuna")
def test_an_optuna_study():
    import optuna

    problem = tiny_problem(samples=16)
    teachers = untrained_teachers(problem)
    callback = mtkd.callbacks.DeltaMTL(problem.tasks, {"a": 0.5, "b": 1.0})

    def objective(trial):
        choices = search_space(trial, problem)
        model = new_distiller(problem, teachers, choices, epochs=1)
        return model.fit(
            problem.train,
            validation_data=problem.validation,
            verbose=0,
            callbacks=[callback, *schedule_callbacks(problem, choices, 1)],
        ).history["val_delta_mtl"][-1]

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=2))
    plain = {"balancing": "none", "distance": "normalized_l2"}
    study.enqueue_trial({**plain, "schedule": "none", "weight_a": 9.0})
    study.enqueue_trial({**plain, "schedule": "scd", "mode": "exclusive"})
    study.optimize(objective, n_trials=2)
    first, second = study.trials
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 2
    assert first.params["weight_a"] == 9.0
    assert not SCHEDULED & set(first.params)
    assert set(second.params) >= SCHEDULED
    assert 0.1 <= second.params["threshold"] <= 0.9
    assert study.best_value == max(trial.value for trial in study.trials)
