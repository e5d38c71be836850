"""Scores of one objective are not ranked by another in silence."""

import copy
import pickle
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from problems import tiny_problem
from searching import hyper_model

from keras_mtkd.tuning import objective

keras_tuner = pytest.importorskip("keras_tuner")

# A warning that no test expects is an error; those of Gaussian processes on two points are theirs.
pytestmark = pytest.mark.filterwarnings("ignore:.*(optimal value found|lbfgs failed)")

OTHER = "ranked by the objective 'val_loss'.*2 of 2.*val_delta_mtl.*another `directory`.*overwrite"
LOGS = {"val_loss": [0.5, 0.25, 0.75], "val_delta_mtl": [3.0, 1.0, 2.0], "val_a_mae": [1.0] * 3}


def search(directory, goal, kind="RandomSearch", logs=LOGS, **arguments):
    """One that trains nothing: trial after trial has the next of the `logs`."""

    class Told(getattr(keras_tuner, kind)):
        def run_trial(self, trial, *args, **kwargs):
            trial.hyperparameters.Float("rate", 0.0, 1.0)
            at = (len(self.oracle.trials) - 1) % len(next(iter(logs.values())))
            told = {name: values[at] for name, values in logs.items()}
            if isinstance(goal, list):
                told["multi_objective"] = self.oracle.objective.get_value(told)
            return [told, told]

    def build(hp):
        hp.Float("rate", 0.0, 1.0)

    if kind == "Hyperband":
        arguments = {"max_epochs": 2, "factor": 2} | arguments
    else:
        arguments = {"max_trials": 2} | arguments
    made = Told(build, objective=goal, directory=str(directory), seed=1, **arguments)
    made.search(verbose=0)
    return made


KINDS = ["RandomSearch", "BayesianOptimization", "GridSearch", "Hyperband"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_objective_goes_on(kind, tmp_path):
    search(tmp_path, objective("val_loss"), kind)
    more = {} if kind == "Hyperband" else {"max_trials": 4}
    again = search(tmp_path, objective("val_loss"), kind, **more)
    scores = [trial.score for trial in again.oracle.get_best_trials(9) if trial.score is not None]
    assert scores == sorted(scores)


@pytest.mark.parametrize("kind", KINDS)
def test_another_objective_warns(kind, tmp_path):
    search(tmp_path, objective("val_delta_mtl"), kind)
    with pytest.warns(UserWarning, match="ranked by the objective 'val_loss'.*'val_delta_mtl'"):
        search(tmp_path, objective("val_loss"), kind).get_best_hyperparameters()


def test_the_warning_comes_once_and_says_how_to_mend_it(tmp_path, recwarn):
    search(tmp_path, objective("val_loss"))
    later = search(tmp_path, objective("val_delta_mtl"))
    assert not [w for w in recwarn if "objective" in str(w.message)]
    with pytest.warns(UserWarning, match=r"its 'val_loss'\), its 'val_delta_mtl'"):
        later.results_summary()
    recwarn.clear()
    later.oracle.get_best_trials()
    assert not recwarn.list
    search(tmp_path, objective("val_delta_mtl"), overwrite=True)
    with pytest.warns(UserWarning, match=OTHER) as caught:
        search(tmp_path, objective("val_loss")).oracle.get_best_trials()
    assert [w.filename for w in caught if w.category is UserWarning] == [__file__]


def test_an_objective_that_the_old_search_did_not_record(tmp_path):
    search(tmp_path, objective("val_loss"))
    with pytest.warns(UserWarning, match="it has no 'val_b_mae'"):
        search(tmp_path, objective("val_b_mae", "min")).oracle.get_best_trials()


def test_the_other_direction_ranks_the_same_scores(tmp_path):
    search(tmp_path, objective("val_loss"))
    best = search(tmp_path, objective("val_loss", "max")).oracle.get_best_trials()[0]
    assert best.score == 0.5


def test_trials_without_a_score_are_no_reason(tmp_path):
    logs = {"val_loss": [float("nan"), 0.5]}
    arguments = {"logs": logs, "max_consecutive_failed_trials": 9}
    search(tmp_path, objective("val_loss"), **arguments)
    again = search(tmp_path, objective("val_loss"), **arguments)
    assert [trial.score for trial in again.oracle.get_best_trials()] == [0.5]
    (failed,) = [t for t in again.oracle.trials.values() if t.status == "FAILED"]
    failed.status, failed.score = "COMPLETED", None
    again.oracle.trials = {failed.trial_id: failed}
    assert again.oracle.get_best_trials() == [failed]


def test_an_oracle_that_scores_in_its_own_way_is_left_alone():
    class Cautious(keras_tuner.oracles.RandomSearchOracle):
        def score_trial(self, trial):
            super().score_trial(trial)
            trial.score += 1.0

    oracle = Cautious(objective=objective("val_loss"), max_trials=1)
    oracle.trials = {"0": _trial({"val_loss": 0.5}, 1.5)}
    assert oracle.get_best_trials()[0].score == 1.5


def test_what_cannot_be_looked_into_ends_no_search():
    oracle = keras_tuner.oracles.RandomSearchOracle(objective=objective("val_loss"))
    oracle.trials = {"0": SimpleNamespace(status="COMPLETED", score="high", trial_id="0")}
    assert oracle.get_best_trials()[0].score == "high"


def test_it_is_an_objective_like_keras_tuners():
    ours, theirs = objective("val_loss"), keras_tuner.Objective("val_loss", "min")
    for same in (ours, copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert same == theirs
        assert theirs == same
        assert same != keras_tuner.Objective("val_loss", "max")
        assert str(same) == str(theirs)
        assert vars(same) == vars(theirs)
    ours.direction = "max"
    assert ours.better_than(2.0, 1.0)


def test_no_frame_is_kept():
    class Asker:
        def ask(self, goal):
            return goal.direction

    asker = Asker()
    before = sys.getrefcount(asker)
    asker.ask(objective("val_loss"))
    assert sys.getrefcount(asker) == before


def _trial(metrics, score):
    trial = keras_tuner.engine.trial.Trial(keras_tuner.HyperParameters(), "0", "COMPLETED")
    for name, value in metrics.items():
        trial.metrics.update(name, value)
    trial.score = score
    return trial


def _fit_on(goal, score, folder):
    """A further trial of a search whose directory had one with this score."""
    hypermodel = hyper_model(epochs=1, problem=tiny_problem(samples=16))
    oracle = keras_tuner.oracles.RandomSearchOracle(objective=goal)
    oracle.trials = {"0": _trial({"val_loss": 0.5, "val_delta_mtl": 3.0}, score)}
    callback = SimpleNamespace(
        tuner=SimpleNamespace(oracle=oracle, get_trial_dir=lambda trial_id: folder),
        trial=SimpleNamespace(hyperparameters=keras_tuner.HyperParameters(), trial_id="1"),
    )
    model = SimpleNamespace(fit=lambda **kwargs: None)
    hypermodel.fit(keras_tuner.HyperParameters(), model, callbacks=[callback])


SEVERAL = ["val_loss", keras_tuner.Objective("val_delta_mtl", "max")]


@pytest.mark.parametrize(
    "goal, score", [("val_loss", 3.0), (SEVERAL, 0.5), (SEVERAL, 3.5), ("val_accuracy", 0.5)]
)
def test_a_further_trial_warns_of_strings_and_lists(goal, score, tmp_path):
    with pytest.warns(UserWarning, match="ranked by the objective 'val_.*score of trial 0 is"):
        _fit_on(goal, score, tmp_path)


@pytest.mark.parametrize("goal, score", [("val_loss", 0.5), (SEVERAL, -2.5), (SEVERAL, np.nan)])
def test_a_further_trial_of_the_same_search_does_not(goal, score, tmp_path):
    _fit_on(goal, score, tmp_path)


def test_a_list_of_objectives_goes_on(tmp_path):
    goal = [objective("val_loss"), objective("val_delta_mtl")]
    search(tmp_path, goal)
    again = search(tmp_path, goal, max_trials=3)
    assert len(again.oracle.get_best_trials(9)) == 3
