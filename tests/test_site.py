"""The site: every page in the navigation, every public name in the reference, no network needed."""

import inspect
import re
import subprocess
import sys
from html.parser import HTMLParser

import documents
import pytest

import keras_mtkd
from keras_mtkd._backend.export import PUBLIC_NAMES
from keras_mtkd.balancing.registry import METHODS

CONFIG = documents.ROOT / "mkdocs.yml"
REFERENCE = documents.DOCS / "reference"
MODULES = {
    f"keras_mtkd.{name}": getattr(keras_mtkd, name)
    for name in keras_mtkd.__all__
    if inspect.ismodule(getattr(keras_mtkd, name))
}


def public_names():
    """Those of the export, and all that the public modules list."""
    named = [*MODULES, *PUBLIC_NAMES]
    for path, module in {"keras_mtkd": keras_mtkd, **MODULES}.items():
        named += [f"{path}.{name}" for name in module.__all__]
    return set(named)


def documented(page):
    return re.findall(r"^::: (\S+)$", page.read_text("utf-8"), re.MULTILINE)


def test_every_public_name_has_an_entry_on_the_page_of_its_module():
    entries = {page.stem: documented(page) for page in REFERENCE.glob("*.md")}
    listed = [name for names in entries.values() for name in names]
    assert sorted(listed) == sorted(public_names())
    for page, names in entries.items():
        own = "keras_mtkd" if page == "keras_mtkd" else f"keras_mtkd.{page}"
        assert all(name == own or name.rpartition(".")[0] == own for name in names), page


def test_every_page_is_in_the_navigation_once():
    nav = CONFIG.read_text("utf-8").partition("\nnav:\n")[2]
    pages = [str(page.relative_to(documents.DOCS)) for page in documents.PAGES]
    assert sorted(re.findall(r"[\w/]+\.md", nav)) == sorted(pages)


def test_every_balancing_method_has_a_page_and_a_row_in_the_guide():
    guide = (documents.DOCS / "decision.md").read_text("utf-8")
    # What they do is said where the others are compared with them.
    for name in sorted(set(METHODS) - {"equal", "fixed", "sum"}):
        pages = [f"methods/{kind}/{name}.md" for kind in ("balancing", "loss_weighting")]
        found = [page for page in pages if (documents.DOCS / page).exists()]
        assert len(found) == 1, f"One of the pages {pages} has to be there."
        page = found[0]
        assert re.search(rf"^\| \[[^]]+\]\({page}\) \|", guide, re.MULTILINE), name


def test_the_index_of_the_reference_links_all_pages():
    text = (REFERENCE / "index.md").read_text("utf-8")
    pages = {page.name for page in REFERENCE.glob("*.md")} - {"index.md"}
    assert set(re.findall(r"\((\w+\.md)\)", text)) == pages


@pytest.mark.parametrize("name", sorted(PUBLIC_NAMES))
def test_examples_in_docstrings_are_shown_as_code(name):
    text = inspect.getdoc(PUBLIC_NAMES[name]) or ""
    if ">>>" in text:
        assert re.search(r"^Examples:\n    >>> ", text, re.MULTILINE)
        assert not re.search(r"^>>>", text, re.MULTILINE)


class Loaded(HTMLParser):
    """Addresses of what a browser loads with a page."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag in ("script", "img", "iframe", "source") and found.get("src"):
            self.addresses.append(found["src"])
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preconnect", "preload"):
            self.addresses.append(found["href"])


@pytest.mark.extra("mkdocs", "material", "mkdocstrings")
def test_the_site_builds_and_needs_no_network(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", CONFIG, "-d", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for page in REFERENCE.glob("*.md"):
        html = (tmp_path / "reference" / f"{page.stem}.html").read_text("utf-8")
        for name in set(documented(page)) - set(MODULES):
            assert f'id="{name}"' in html, name
    for page in tmp_path.rglob("*.html"):
        parser = Loaded()
        parser.feed(page.read_text("utf-8"))
        assert parser.addresses
        for address in parser.addresses:
            assert not re.match(r"(https?:)?//", address), (page, address)
    for style in tmp_path.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", style.read_text("utf-8")), style
