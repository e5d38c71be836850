"""Teachers that the trials and the processes of a search share."""

import pytest
from problems import tiny_problem
from searching import hyper_model

from keras_mtkd.tuning import shared_teachers

pytest.importorskip("keras_tuner")


class TestTeachers:
    def test_are_trained_once(self, tmp_path):
        problem = tiny_problem(samples=8)
        one = hyper_model(1, problem, teachers=None, directory=tmp_path, teacher_epochs=2)
        written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
        assert written
        other = hyper_model(1, problem, teachers=None, directory=tmp_path, teacher_epochs=2)
        assert written == {path: path.stat().st_mtime_ns for path in written}
        assert one.single_task == pytest.approx(other.single_task)

    def test_a_worker_waits_for_the_chief(self, tmp_path, monkeypatch):
        monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
        monkeypatch.setenv("KERASTUNER_TUNER_ID", "chief")
        assert not shared_teachers.is_worker()
        monkeypatch.setenv("KERASTUNER_TUNER_ID", "tuner0")
        problem = tiny_problem()
        with pytest.raises(TimeoutError, match="Waited 0 s for the chief"):
            shared_teachers.shared_teachers(problem, 1, tmp_path, patience=0.01)
        with pytest.raises(ValueError, match="Pass `directory`"):
            hyper_model(teachers=None)
