"""The README's Python runs word for word, with fewer epochs."""

import os
import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_blocks_run_one_after_the_other(tmp_path, monkeypatch, capsys):
    assert len(BLOCKS) >= 2
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in BLOCKS:
        quick, changed = re.subn(r"epochs=\d+", "epochs=1", block)
        assert changed or "epochs" not in block
        exec(compile(quick, "README.md", "exec"), names)
    assert os.path.exists("student.keras")


def test_pictures_exist():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXT)
    assert pictures
    for picture in pictures:
        assert (Path(__file__).parents[1] / picture).exists()


@pytest.mark.parametrize("target", re.findall(r"\]\(([A-Z]+\.md|docs/[^)]+)\)", TEXT))
def test_links_lead_somewhere(target):
    assert (Path(__file__).parents[1] / target).exists()
