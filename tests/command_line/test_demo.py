"""`keras-mtkd demo`."""

import pytest

from command_line.running import run
from keras_mtkd.command_line import demo

pytestmark = pytest.mark.usefixtures("tiny")


def test_demo_ends_with_a_table_and_says_where_everything_is(kept):
    small = ("--epochs", "1", "--seeds", "1", "--workers", "1")
    result = run("demo", *small, "--directory", kept)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith(" 25%  seed 0: teachers: ")
    for word in ("Single", "SCD", "Δ_MTL", "parameters", "ms a prediction"):
        assert any(word in line for line in lines)
    assert "1 seed cannot tell" in result.output or "One seed" in result.output
    for name in ("student.keras", "table.csv", "scores.csv", "cost.png", "report.html"):
        assert (kept / name).exists()
        assert f"{kept / name}\n" in result.output


def test_a_process_a_core_but_one_on_a_gpu(monkeypatch):
    from keras_mtkd._backend import device

    monkeypatch.setattr(demo.os, "cpu_count", lambda: 8)
    monkeypatch.setattr(device, "has_accelerator", lambda: False)
    assert demo._suitable(3) == 3
    assert demo._suitable(20) == 8
    monkeypatch.setattr(device, "has_accelerator", lambda: True)
    assert demo._suitable(3) == 1
