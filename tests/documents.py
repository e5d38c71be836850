"""README and docs, as the tests read them."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = sorted(DOCS.rglob("*.md"))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`((?:keras-mtkd|make|pip|python|tensorboard) [^`]+)`")


def name_of(page):
    return str(page.relative_to(ROOT).with_suffix(""))


def fences(page):
    """`(language, text)` of every fenced block."""
    return _FENCE.findall(page.read_text("utf-8"))


def blocks(page, language):
    return [text for found, text in fences(page) if found == language]


def commands(page):
    """The words of every shell command, in blocks and in the text."""
    text = page.read_text("utf-8")
    lines = "\n".join(blocks(page, "bash")).replace("\\\n", " ").splitlines()
    lines += [found.replace("\n", " ") for found in _INLINE.findall(_FENCE.sub("", text))]
    return [words for words in (shlex.split(line, comments=True) for line in lines) if words]
