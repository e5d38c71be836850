"""The Python in README and docs runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
README = (ROOT / "README.md").read_text("utf-8")


def blocks(text):
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def run(parts, name):
    names = {}
    for part in parts:
        exec(compile(part, name, "exec"), names)


def test_readme_runs_word_for_word_with_fewer_epochs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = blocks(README)
    assert len(parts) >= 2
    assert "epochs=40" in parts[0]
    run([re.sub(r"epochs=\d+", "epochs=1", part) for part in parts], "README.md")
    assert (tmp_path / "student.keras").exists()


@pytest.mark.parametrize(
    "page", [p for p in PAGES if blocks(p.read_text("utf-8"))], ids=lambda page: page.stem
)
def test_pages_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(blocks(page.read_text("utf-8")), page.name)


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_links_and_pictures_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target
