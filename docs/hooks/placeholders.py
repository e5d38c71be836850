"""No page is built that waits for a number: `@SCD_DELTA@` stands where one is to be written."""

import re
from typing import Any

from mkdocs.exceptions import PluginError

_PLACEHOLDER = re.compile(r"@[A-Z_][A-Z0-9_]*@")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> None:
    """Refuse a page with one, before its code is coloured and a name falls apart."""
    _refuse(markdown, page)


def on_page_content(html: str, page: Any, **_: Any) -> None:
    """Refuse one that has come with docstrings."""
    _refuse(html, page)


def unfilled(text: str) -> list[str]:
    """The placeholders of a text, each once, in order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def _refuse(text: str, page: Any) -> None:
    if found := unfilled(text):
        raise PluginError(
            f"{page.file.src_uri} still has {', '.join(found)}: write what is meant there."
        )
