"""Pages that enter themselves in the navigation: MkDocs calls `on_config` before it builds."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.utils.meta import get_data

# In which `# ` begins a comment.
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def on_config(config: Any) -> Any:
    """Give the sections the pages of their folders that `nav` does not name."""
    complete(config["nav"], Path(config["docs_dir"]))
    return config


def complete(nav: list[Any], docs: Path) -> None:
    """Add the pages of folders to the sections that tell of them, by title, after those there.

    A section tells of a folder if it begins with a page called as the folder is: the one that
    begins with `methods/balancing.md` has the pages of `methods/balancing`.

    Args:
        nav: As in `mkdocs.yml`; changed in place.
        docs: Where the pages are.
    """
    named = set(_pages(nav))
    for section in _sections(nav):
        folder = _folder(section)
        if not (folder and (docs / folder).is_dir()):
            continue
        pages = [f"{folder}/{page.name}" for page in (docs / folder).glob("*.md")]
        new = {page: _title(docs / page) for page in pages if page not in named}
        named |= new.keys()
        section += [{new[page]: page} for page in sorted(new, key=lambda page: new[page].lower())]


def _folder(section: list[Any]) -> str:
    """The folder that a section tells of, `methods/balancing` if it begins with that page."""
    first = section[0] if section else None
    if isinstance(first, dict):  # With a title.
        (first,) = first.values()
    return first.removesuffix(".md") if isinstance(first, str) else ""


def _sections(nav: list[Any]) -> Iterator[list[Any]]:
    for entry in nav:
        for value in entry.values() if isinstance(entry, dict) else ():
            if isinstance(value, list):
                yield value
                yield from _sections(value)


def _pages(nav: list[Any]) -> Iterator[str]:
    for entry in nav:
        for value in entry.values() if isinstance(entry, dict) else (entry,):
            if isinstance(value, list):
                yield from _pages(value)
            else:
                yield value


def _title(page: Path) -> str:
    """The heading up to its colon, after which it says what the letters stand for."""
    text, _ = get_data(page.read_text("utf-8"))  # Without front matter.
    heading = re.search(r"^# ([^:\n]+)", _CODE.sub("", text), re.MULTILINE)
    return heading[1].strip() if heading else page.stem
