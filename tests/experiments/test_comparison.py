"""What is made of the scores of a comparison."""

import pandas
import pytest
from problems import tiny_problem

from keras_mtkd.experiments import Comparison


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
