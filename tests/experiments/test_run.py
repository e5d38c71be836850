import json
import shutil

import keras
import numpy as np

from experiments.comparing import WITH_SCD, run, small_problem
from keras_mtkd.experiments.environment import environment
from keras_mtkd.experiments.run import Run
from keras_mtkd.similarity import task_similarity


def test_histories_of_students_and_teachers_are_kept(with_scd):
    _, comparison = with_scd
    assert set(comparison.runs) == {(method, 0) for method in WITH_SCD}
    for method in WITH_SCD:
        history = comparison.runs[method, 0].history
        for name in ("a_loss", "val_a_accuracy", "val_b_mae", "val_b_r2"):
            assert len(history[name]) == 2, (method, name)
            assert np.isfinite(history[name]).all()
    assert "loss" not in comparison.runs["single", 0].history
    assert comparison.runs["uniform", 0].seconds > 0


def test_what_scd_measured_is_kept(with_scd):
    directory, comparison = with_scd
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


def test_environment_and_conditions(with_scd):
    _, comparison = with_scd
    for kept in comparison.runs.values():
        assert kept.environment == environment()
    assert kept.environment["backend"].startswith(keras.backend.backend())
    assert kept.environment["Keras"] == keras.__version__
    assert comparison.conditions["problem"] == "tiny"
    assert comparison.conditions["epochs"] == 2
    assert comparison.conditions["split"] == "test"


def test_weights_are_counted(with_scd):
    _, comparison = with_scd
    problem = small_problem()
    assert comparison.runs["scd", 0].parameters == problem.student().count_params()
    singles = [problem.single(task).count_params() for task in problem.tasks]
    assert comparison.runs["single", 0].parameters == sum(singles)


def test_a_second_call_gives_the_same_runs(with_scd):
    directory, comparison = with_scd
    assert run(directory, WITH_SCD).runs == comparison.runs


def test_directories_of_earlier_versions_still_load(with_scd, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(with_scd[0], old)
    for path in old.rglob("history.json"):
        path.unlink()
    for path in old.rglob("result.json"):
        kept = json.loads(path.read_text("utf-8"))
        del kept["run"]
        kept["conditions"]["part"] = kept["conditions"].pop("split")
        path.write_text(json.dumps(kept), "utf-8")
    comparison = run(old, WITH_SCD)
    assert all(kept == Run() for kept in comparison.runs.values())
    page = comparison.save_report(tmp_path / "report.html").read_text("utf-8")
    assert "were not kept with these runs" in page
    assert 'id="delta"' in page
    assert 'id="curves"' not in page


def test_runs_of_later_versions_are_read_as_far_as_known():
    assert Run.from_dict({"seconds": 2.0, "unheard": 1}) == Run(seconds=2.0)
