"""A method of one's own in a comparison: trained once, kept, known again and shown by its title."""

import json
from dataclasses import replace

import pytest
from event_readers import hparams

from experiments.comparing import SETTINGS, run, small_problem
from keras_mtkd.distillation import LogitDistillation
from keras_mtkd.experiments import Method
from keras_mtkd.experiments.trainings import Trainings
from keras_mtkd.plots import plot_comparison

TITLE = "Logits [strong]"
SHOWN = ("single", "uniform")
_WEIGHT = 5.0


def strong(problem, settings):
    return [LogitDistillation(weight=_WEIGHT, temperature=settings.temperature)]


MINE = Method(TITLE, strong)


@pytest.fixture(scope="module")
def finished(kept_runs):
    return kept_runs, run(kept_runs, [*SHOWN, MINE])


@pytest.fixture
def _nothing_is_trained(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr(Method, "train", refuse)


def test_it_is_compared_like_the_others(finished):
    _, comparison = finished
    assert comparison.methods == [*SHOWN, "logits-strong"]
    assert comparison.scores().loc["logits-strong"].notna().all(axis=None)
    assert comparison.runs["logits-strong", 0].history["a_distillation_loss"]


def test_its_title_is_shown(finished, tmp_path):
    directory, comparison = finished
    kept = json.loads((directory / "seed0" / "logits-strong" / "result.json").read_text("utf-8"))
    assert kept["title"] == comparison.title_of("logits-strong") == TITLE
    # A long title takes two lines.
    assert all(word in str(comparison) for word in TITLE.split())
    legend = plot_comparison(comparison).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["Uniform", TITLE]
    page = comparison.save_report(tmp_path / "report.html").read_text("utf-8")
    assert TITLE in page
    assert ">logits-strong<" not in page
    board = comparison.save_tensorboard(tmp_path)
    (row,) = hparams(board / "logits-strong" / "seed0" / "events.out.tfevents.0.comparison")
    assert row.session_start_info.hparams["title"].string_value == TITLE


@pytest.mark.usefixtures("_nothing_is_trained")
def test_the_same_is_loaded_under_whatever_title(finished):
    directory, comparison = finished
    again = Method("Strong", lambda *given: strong(*given), name="logits-strong")
    with pytest.raises(ValueError, match="content of the method: kept"):
        run(directory, [again])
    again = run(directory, [replace(MINE, title="Strong")])
    assert again.title_of("logits-strong") == "Strong"
    assert again.runs["logits-strong", 0] == comparison.runs["logits-strong", 0]


@pytest.mark.usefixtures("_nothing_is_trained")
def test_another_method_of_that_name_is_refused(finished, monkeypatch):
    monkeypatch.setitem(globals(), "_WEIGHT", 6.0)
    with pytest.raises(ValueError, match="made under other conditions.*content of the method"):
        run(finished[0], [MINE])


def test_what_training_changes_does_not_change_the_method(tmp_path, monkeypatch):
    seen = []

    def counted(problem, teachers, settings, seed):
        seen.append(seed)
        return []

    def train(self, problem, teachers, settings, seed, *more):
        self.callbacks(problem, teachers, settings, seed)
        return problem.student()

    monkeypatch.setattr(Method, "train", train)
    mine = replace(MINE, callbacks=counted)
    for expected in ([0, 1], []):
        seen.clear()
        trainings = Trainings(small_problem(), [mine], SETTINGS, "test", tmp_path)
        for seed in (0, 1):
            trainings.result(mine, seed, {})
        assert seen == expected
