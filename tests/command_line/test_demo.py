"""`keras-mtkd demo`."""

import pytest

from command_line.running import run

pytestmark = pytest.mark.usefixtures("tiny")


def test_demo_ends_with_a_table_and_says_where_everything_is(kept):
    result = run("demo", "--epochs", "1", "--seeds", "1", "--directory", kept)
    assert result.exit_code == 0, result.output
    assert "MTLKD" in result.output
    assert "Δ_MTL" in result.output
    for name in ("student.keras", "table.csv", "scores.csv", "comparison.png", "report.html"):
        assert (kept / name).exists()
        assert f"{kept / name}\n" in result.output
