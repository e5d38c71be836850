"""Trials made from something else are not ranked beside new ones in silence."""

import copy
import json
import pickle
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from problems import tiny_problem
from searching import ONE_PROGRAM, hyper_model, tuner, untrained_teachers

import keras_mtkd as mtkd
from keras_mtkd.tuning import made_from, objective

keras_tuner = pytest.importorskip("keras_tuner")

OTHERS = "1 of 1 were not made from what this hypermodel.*{}.*another `directory`.*overwrite"


def other_data():
    problem = tiny_problem(samples=16)
    problem.validation.x[0] += 1.0
    return problem


CHANGES = {
    "epochs: kept 1, now 2": {"epochs": 2},
    "seed: kept 0, now 7": {"seed": 7},
    "complexity": {"complexity": "trial"},
    "data: kept 'train .* now": {"problem": other_data()},
    "fixed, temperature: kept 4.0, now 8.0": {"dimensions": ONE_PROGRAM | {"temperature": 8.0}},
}


def made(**arguments):
    return hyper_model(**({"epochs": 1} | arguments))


def search(folder, hypermodel, trials, **arguments):
    return tuner(keras_tuner.RandomSearch, hypermodel, folder, max_trials=trials, **arguments)


@pytest.fixture(scope="module", autouse=True)
def training_is_skipped():
    history = keras.callbacks.History()
    history.history = {"val_delta_mtl": [1.0], "val_loss": [1.0]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mtkd.MultiTaskDistiller, "fit", lambda *args, **kwargs: history)
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a search of one trial."""
    folder = tmp_path_factory.mktemp("finished")
    search(folder, made(), 1).search(verbose=0)
    return folder


def test_it_goes_on_in_silence_and_its_space_is_as_it_was(finished, tmp_path):
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    again = search(tmp_path, made(), 2)
    again.search(verbose=0)
    trials = again.oracle.get_best_trials(9)
    assert len(trials) == 2
    drawn = {"learning_rate", "adaptor_learning_rate", "weight_a", "weight_b"}
    assert all(set(trial.hyperparameters.values) == drawn for trial in trials)
    kept = [json.loads(path.read_text()) for path in sorted(tmp_path.glob("*/*/made_from.json"))]
    assert kept[0] == kept[1]
    assert kept[0]["epochs"] == 1


@pytest.mark.parametrize("named", CHANGES)
def test_a_finished_search_of_something_else_warns(named, finished):
    hypermodel = made(**CHANGES[named])
    asked = search(finished, hypermodel, 1).oracle
    with pytest.warns(UserWarning, match=OTHERS.format(named)) as caught:
        asked.get_best_trials()
    assert caught[0].filename == __file__
    asked.get_best_trials()
    assert len(caught) == 1


def test_other_teachers_warn(finished):
    teachers = untrained_teachers(tiny_problem(samples=16))
    last = teachers["b"].weights[-1]
    last.assign_add(np.ones(last.shape))
    asked = search(finished, made(teachers=teachers), 1).oracle
    with pytest.warns(UserWarning, match=r"\(trial 0: teachers, b: kept '.{16}', now '.{16}'\)"):
        asked.get_best_trials()


def test_a_further_trial_warns_once_and_is_noted_as_what_it_is(finished, tmp_path):
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    # This objective does not know the hypermodel, which looks itself.
    mixed = search(tmp_path, made(seed=7), 3, objective=objective("val_delta_mtl"))
    mixed.oracle.get_best_trials()
    with pytest.warns(UserWarning, match=OTHERS.format("seed: kept 0, now 7")) as caught:
        mixed.search(verbose=0)
    assert len([w for w in caught if "made from" in str(w.message)]) == 1
    for seed, others in ((0, 2), (7, 1)):
        with pytest.warns(UserWarning, match=f"{others} of 3 were not made from"):
            search(tmp_path, made(seed=seed), 3).oracle.get_best_trials()


def test_trials_that_say_nothing_are_taken(finished, tmp_path):
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.glob("*/*/made_from.json"):
        path.unlink()
    assert search(tmp_path, made(seed=7), 1).oracle.get_best_trials()


def test_an_objective_is_an_objective_still():
    ours = made().objective("val_loss")
    for same in (ours, copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert same == keras_tuner.Objective("val_loss", "min")
        assert same.made_from == ours.made_from
    assert objective("val_loss").made_from is None


class TestContent:
    def test_kept_teachers_are_those_that_were_trained(self, tmp_path):
        problem = tiny_problem(samples=8)
        trained, loaded = (
            made(problem=problem, teachers=None, directory=tmp_path).objective().made_from
            for _ in range(2)
        )
        assert trained == loaded
        assert set(trained["teachers"]) == {"a", "b"}
        assert trained["teacher_epochs"] is None

    def test_without_a_directory_it_is_how_they_are_trained(self, monkeypatch):
        teachers = untrained_teachers(tiny_problem(samples=16))
        monkeypatch.setattr("keras_mtkd.tuning.hyper_model.shared_teachers", lambda *_: teachers)
        content = made(teachers=None, teacher_epochs=3).objective().made_from
        assert content["teacher_epochs"] == 3
        assert "teachers" not in content

    @pytest.mark.parametrize("kind", ["some are left out", "others in every pass"])
    def test_data_that_is_not_told_is_left_out(self, kind):
        class Drawn(keras.utils.PyDataset):
            drawn = 0

            def __len__(self):
                return 2

            def __getitem__(self, place):
                # Of three batches another one is left out in every pass.
                Drawn.drawn += kind == "others in every pass" or place == 0
                numbers = np.arange(8.0) + 8 * ((place + Drawn.drawn) % 3)
                if kind == "others in every pass":
                    numbers = numbers + Drawn.drawn / 7
                x = np.tile(numbers[:, None], (1, 6)).astype("float32")
                return x, {"a": np.zeros(8, "int32"), "b": x[:, :1]}

        problem = tiny_problem(samples=16)
        problem.train = Drawn()
        data = {str(made_from.content_of(problem, None, {}).get("data")) for _ in range(3)}
        assert len(data) == 1

    def test_a_problem_that_cannot_be_told(self, monkeypatch):
        problem = tiny_problem(samples=16)
        monkeypatch.setattr(problem, "fingerprint", lambda: 1 / 0)
        content = made_from.content_of(problem, None, {}, seed=1)
        assert (content["problem"], content["seed"]) == ("tiny", 1)

    def test_elsewhere_than_on_a_disk_nothing_is_kept(self, tmp_path):
        made_from.keep(Path(tmp_path, "gs:", "bucket"), {"seed": 1})
        assert not list(tmp_path.iterdir())
