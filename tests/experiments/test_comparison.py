"""What is made of the scores of a comparison."""

import pandas
import pytest
from problems import tiny_problem

from experiments.made_up import comparison
from keras_mtkd.experiments import Comparison
from keras_mtkd.experiments.run import Run


class TestComparison:
    ROWS = (
        ("single", 0, "a", "accuracy", 0.8),
        ("single", 1, "a", "accuracy", 0.8),
        ("single", 0, "b", "mae", 0.4),
        ("single", 1, "b", "mae", 0.6),
        ("mtlkd", 0, "a", "accuracy", 0.88),
        ("mtlkd", 1, "a", "accuracy", 0.72),
        ("mtlkd", 0, "b", "mae", 0.45),
        ("mtlkd", 1, "b", "mae", 0.35),
        ("mtlkd", 1, "b", "r2", 0.99),
    )

    def comparison(self, methods=("single", "mtlkd")):
        columns = ("method", "seed", "task", "metric", "value")
        rows = [dict(zip(columns, row, strict=True)) for row in self.ROWS]
        return Comparison(tiny_problem().tasks, methods, rows)

    def test_summary_is_mean_and_standard_error(self):
        summary = self.comparison().summary()
        assert summary.loc["mtlkd", ("a", "mean")] == pytest.approx(0.8)
        assert summary.loc["mtlkd", ("a", "se")] == pytest.approx(0.08)
        # Seed 0: (+10 % and +10 %) / 2, seed 1: (-10 % and +30 %) / 2, against 0.8 and 0.5.
        assert summary.loc["mtlkd", ("Δ_MTL", "mean")] == pytest.approx(10.0)
        assert summary.loc["mtlkd", ("Δ_MTL", "se")] == pytest.approx(0.0)
        assert summary.loc["single", ("Δ_MTL", "mean")] == pytest.approx(0.0)
        assert summary.loc["single", ("Δ_MTL", "se")] == pytest.approx(10.0)

    def test_single_task_models_are_the_base_even_if_not_shown(self):
        shown = self.comparison(methods=("mtlkd",))
        assert list(shown.summary().index) == ["mtlkd"]
        assert set(shown.table["method"]) == {"mtlkd"}
        assert shown.summary().loc["mtlkd", ("Δ_MTL", "mean")] == pytest.approx(10.0)

    def test_text(self):
        text = str(self.comparison())
        assert "0.800 ±0.080" in text
        assert "10.0 ±0.0" in text
        assert "Single" in text
        assert "b, mae ↓" in text

    def test_csv(self, tmp_path):
        comparison = self.comparison()
        path = comparison.save_csv(tmp_path / "deep" / "table.csv")
        pandas.testing.assert_frame_equal(pandas.read_csv(path), comparison.table)

    def test_scores_as_csv(self, tmp_path):
        comparison = self.comparison()
        written = pandas.read_csv(comparison.save_scores(tmp_path / "scores.csv"))
        assert list(written["Δ_MTL"]) == pytest.approx(list(comparison.scores()["Δ_MTL"]))

    def test_figure(self, tmp_path):
        path = self.comparison().save_figure(tmp_path / "figure.png")
        assert path.read_bytes().startswith(b"\x89PNG")


class TestChanges:
    def test_changes_are_the_terms_of_delta(self):
        made = comparison({"single": [-10, 10], "scd": [20, 30]})
        changes = made.changes()
        assert list(changes.columns) == ["kind", "Δ_MTL"]
        assert list(changes["kind"]["scd"]) == pytest.approx([20, 30])
        assert list(changes["Δ_MTL"]["single"]) == pytest.approx([-10, 10])
        assert made.mean_change("scd") == pytest.approx((25, 5))

    def test_a_base_of_0_leaves_scores_and_says_so(self):
        made = comparison({"single": [-100, -100], "scd": [20, 30]})
        assert list(made.scores()["kind"]["scd"]) == pytest.approx([0.6, 0.65])
        assert made.changes().isna().all(axis=None)
        assert made.summary()["Δ_MTL"].isna().all(axis=None)
        assert list(made.cautions()) == list(made.summary().attrs["cautions"]) == ["kind"]
        assert "Caution, kind: The accuracy of single-task models is 0" in str(made)
        assert made.verdict() == ""

    def test_without_cautions_the_text_has_none(self):
        made = comparison({"single": [-1, 1], "scd": [20, 30]})
        assert made.cautions() == {}
        assert "Caution" not in str(made)


COSTS = {"single": (60, 2.0), "scd": (10, 1.0)}


class TestCosts:
    def test_sizes_and_times(self):
        made = comparison({"single": [0], "uniform": [1], "scd": [2]}, COSTS)
        costs = made.costs()
        assert list(costs.columns) == ["parameters", "milliseconds", "milliseconds_se"]
        assert list(costs.loc["scd"]) == pytest.approx([10, 1.0, 0.1])
        assert costs.loc["uniform"].isna().all()

    def test_single_task_models_are_there_even_if_not_shown(self):
        made = comparison({"single": [0], "scd": [2]}, COSTS, shown=["scd"])
        assert list(made.costs().index) == ["single", "scd"]

    def test_the_time_of_another_model_than_was_trained_is_not_told(self):
        made = comparison({"single": [0], "scd": [2]}, COSTS)
        made.runs = {("scd", 0): Run(parameters=99), ("single", 0): Run(parameters=60)}
        assert made.costs().loc["scd", "parameters"] == 99
        assert made.costs().loc["scd"].isna().sum() == 2
        assert made.costs().loc["single", "milliseconds"] == pytest.approx(2.0)

    def test_sizes_without_times_are_those_of_the_runs(self):
        made = comparison({"single": [0], "scd": [2]})
        made.runs = {("scd", 0): Run(parameters=99)}
        assert made.costs().loc["scd", "parameters"] == 99

    def test_figure(self, tmp_path):
        made = comparison({"single": [0], "scd": [2]}, COSTS)
        path = made.save_cost_figure(tmp_path / "deep" / "cost.png", "milliseconds")
        assert path.read_bytes().startswith(b"\x89PNG")
