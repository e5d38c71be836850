import json
import shutil

import keras
import numpy as np
import pytest
from experiments.comparing import run, small_problem
from test_events import hparams, read, scalars

from keras_mtkd.experiments.environment import environment
from keras_mtkd.experiments.run import Run
from keras_mtkd.similarity import task_similarity

METHODS = ("single", "uniform", "scd")


@pytest.fixture(scope="module")
def finished(kept_runs):
    return kept_runs, run(kept_runs, METHODS)


def test_histories_of_students_and_teachers_are_kept(finished):
    _, comparison = finished
    assert set(comparison.runs) == {(method, 0) for method in METHODS}
    for method in METHODS:
        history = comparison.runs[method, 0].history
        for name in ("a_loss", "val_a_accuracy", "val_b_mae", "val_b_r2"):
            assert len(history[name]) == 2, (method, name)
            assert np.isfinite(history[name]).all()
    assert "loss" not in comparison.runs["single", 0].history
    assert comparison.runs["uniform", 0].seconds > 0


def test_what_scd_measured_is_kept(finished):
    directory, comparison = finished
    kept = comparison.runs["scd", 0]
    folder = directory / "seed0" / "teachers"
    teachers = {
        task: keras.saving.load_model(folder / task / "teacher.keras", compile=False)
        for task in ("a", "b")
    }
    expected = task_similarity(teachers, small_problem().train)
    np.testing.assert_allclose(kept.similarity, expected, rtol=1e-3)
    assert kept.tasks == ["a", "b"]
    assert sorted(task for block in kept.queue for task in block) == ["a", "b"]
    assert sorted(map(sorted, kept.blocks)) == sorted(map(sorted, kept.queue))
    assert comparison.runs["uniform", 0].queue is None
    assert comparison.runs["uniform", 0].similarity is None


def test_environment_and_conditions(finished):
    _, comparison = finished
    for kept in comparison.runs.values():
        assert kept.environment == environment()
    assert kept.environment["backend"].startswith(keras.backend.backend())
    assert kept.environment["Keras"] == keras.__version__
    assert comparison.conditions["problem"] == "tiny"
    assert comparison.conditions["epochs"] == 2
    assert comparison.conditions["split"] == "test"


def test_a_second_call_gives_the_same_runs(finished):
    directory, comparison = finished
    assert run(directory, METHODS).runs == comparison.runs


def test_directories_of_earlier_versions_still_load(finished, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(finished[0], old)
    for path in old.rglob("history.json"):
        path.unlink()
    for path in old.rglob("result.json"):
        kept = json.loads(path.read_text("utf-8"))
        del kept["run"]
        kept["conditions"]["part"] = kept["conditions"].pop("split")
        path.write_text(json.dumps(kept), "utf-8")
    comparison = run(old, METHODS)
    assert all(kept == Run() for kept in comparison.runs.values())
    page = comparison.save_report(tmp_path / "report.html").read_text("utf-8")
    assert "were not kept with these runs" in page
    assert 'id="delta"' in page
    assert 'id="curves"' not in page


def test_runs_of_later_versions_are_read_as_far_as_known():
    assert Run.from_dict({"seconds": 2.0, "unheard": 1}) == Run(seconds=2.0)


class TestTensorBoard:
    NAME = "events.out.tfevents.0.comparison"

    @pytest.fixture(scope="class")
    def written(self, finished, tmp_path_factory):
        return finished[1], finished[1].save_tensorboard(tmp_path_factory.mktemp("board"))

    def test_table_of_hyperparameters(self, written):
        comparison, board = written
        (columns,) = hparams(board / self.NAME)
        names = [info.name for info in columns.experiment.hparam_infos]
        assert names[:3] == ["method", "title", "seed"]
        assert {"learning_rate", "weight", "epochs"} <= set(names)
        tags = [metric.name.tag for metric in columns.experiment.metric_infos]
        assert tags == ["score/a", "score/b", "score/Δ_MTL"]
        (row,) = hparams(board / "scd" / "seed0" / self.NAME)
        values = row.session_start_info.hparams
        assert values["method"].string_value == "scd"
        assert values["title"].string_value == "SCD"
        assert values["learning_rate"].number_value == comparison.conditions["learning_rate"]

    def test_scores_curves_and_pictures(self, written):
        comparison, board = written
        final = read(board / "scd" / "seed0" / self.NAME)
        scores = comparison.scores().loc["scd", 0]
        assert scalars(final, "score/a") == [(2, scores["a"])]
        assert scalars(final, "score/Δ_MTL") == [(2, scores["Δ_MTL"])]
        assert final["similarity"][0][1][2].startswith(b"\x89PNG")
        assert final["queue"][0][1][2].startswith(b"\x89PNG")
        curve = read(board / "uniform" / "seed0" / "validation" / self.NAME)
        history = comparison.runs["uniform", 0].history
        assert scalars(curve, "mae/b") == list(enumerate(history["val_b_mae"]))

    def test_a_second_call_writes_the_same_files(self, written):
        comparison, board = written
        before = sorted(board.rglob("*"))
        comparison.save_tensorboard(board)
        assert sorted(board.rglob("*")) == before
