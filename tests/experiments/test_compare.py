import shutil

import keras
import numpy as np
import pandas
import pytest

from experiments.comparing import run, small_problem
from keras_mtkd.experiments import Settings, compare, evaluate_tasks
from keras_mtkd.experiments import compare as compare_module

METHOD_NAMES = ("single", "uniform", "mtlkd", "logits")


@pytest.fixture(scope="module")
def finished(kept_runs):
    return kept_runs, run(kept_runs, METHOD_NAMES, (0, 1))


@pytest.fixture
def only_teachers(finished, tmp_path):
    """A directory in which the students of seed 0 are still to be trained."""
    source = finished[0] / "seed0" / "teachers"
    shutil.copytree(source, tmp_path / "seed0" / "teachers")
    return tmp_path


def test_table_holds_every_value(finished):
    table = finished[1].table
    assert list(table.columns) == ["method", "seed", "task", "metric", "value"]
    assert set(table["method"]) == set(METHOD_NAMES)
    assert len(table) == 4 * 2 * 3
    assert np.isfinite(table["value"]).all()


def test_students_are_kept_and_give_the_tables_values(finished):
    directory, comparison = finished
    problem = small_problem()
    student = keras.saving.load_model(directory / "seed1" / "mtlkd" / "student.keras")
    scores = evaluate_tasks(student, problem, problem.test)
    rows = comparison.table.query("method == 'mtlkd' and seed == 1")
    for row in rows.itertuples():
        assert scores[row.task][row.metric] == pytest.approx(row.value, rel=1e-5)


def test_methods_start_from_equal_weights_and_see_equal_data(only_teachers, monkeypatch):
    from keras_mtkd.distillers.multi_task_distiller import MultiTaskDistiller

    seen = []

    def spying(self, data, **kwargs):
        seen.append(([np.array(w) for w in self.student.weights], np.array(data[0][0])))
        # What training does to those that come after it.
        data.on_epoch_end()
        keras.utils.set_random_seed(len(seen) + 100)

    monkeypatch.setattr(MultiTaskDistiller, "fit", spying)
    run(only_teachers, ("uniform", "mtlkd"))
    (weights, batch), (other_weights, other_batch) = seen
    np.testing.assert_array_equal(batch, other_batch)
    for a, b in zip(weights, other_weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_second_run_trains_nothing(finished, monkeypatch):
    directory, comparison = finished

    def refuse(*args, **kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr("keras_mtkd.teachers.train._train", refuse)
    monkeypatch.setattr("keras_mtkd.experiments.method.Method.train", refuse)
    again = run(directory, METHOD_NAMES, (0, 1))
    pandas.testing.assert_frame_equal(again.table, comparison.table)


def test_an_interrupted_run_goes_on(only_teachers, monkeypatch):
    from keras_mtkd.experiments.method import Method

    runs = []

    def interrupted(self, problem, *args, **kwargs):
        runs.append(self.title)
        if len(runs) == 2:
            raise KeyboardInterrupt
        return problem.student()  # What training would make of it does not matter here.

    monkeypatch.setattr(Method, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(only_teachers, METHOD_NAMES)
    run(only_teachers, METHOD_NAMES)
    assert runs == ["Uniform", "MTLKD", "MTLKD", "Logits"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"settings": Settings(epochs=2, learning_rate=1e-2, weight=2.0)}, "weight"),
        ({"settings": Settings(epochs=3, learning_rate=1e-2)}, "epochs"),
        ({"split": "validation"}, "split"),
        ({"problem": small_problem(width=9)}, "backbone"),
    ],
    ids=["weight", "epochs", "split", "backbone"],
)
def test_results_made_otherwise_are_refused(finished, change, reason):
    with pytest.raises(ValueError, match=f"made under other conditions.*{reason}"):
        run(finished[0], **change)


def test_validation_data_serves_where_there_is_no_test_data():
    comparison = run(problem=small_problem(test=False), methods=("single",))
    assert len(comparison.table) == 3


def test_bad_arguments():
    with pytest.raises(ValueError, match="no method 'magic'. Known: single, uniform, mtlkd"):
        run(methods=("magic",))
    with pytest.raises(ValueError, match="Received: split='train'"):
        run(split="train")
    with pytest.raises(TypeError, match="`part` is called `split` since 0.2: pass `split='test'`"):
        run(part="test")
    with pytest.raises(ValueError, match="at least one method and one seed"):
        run(seeds=())
    with pytest.raises(ValueError, match="`learning_rate` must be positive"):
        Settings(learning_rate=0.0)


def test_progress_names_seed_and_method(finished, capsys):
    run(finished[0], ("uniform", "mtlkd"), (0, 1), verbose="auto")
    lines = capsys.readouterr().out.splitlines()
    titles = ("teachers", "Uniform", "MTLKD")
    assert [line.partition("  ")[2] for line in lines] == [
        f"seed {seed}: {title}: kept from before" for seed in (0, 1) for title in titles
    ]
    assert lines[0].startswith(" 17%")
    assert lines[-1].startswith("100%")


def test_one_function_under_two_names():
    assert compare_module is compare
