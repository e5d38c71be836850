"""The site: every page in the navigation, every public name in the reference.

`tests/test_site_built.py` looks at what is built of it.
"""

import importlib.util
import inspect
import re

import documents
import pytest

import keras_mtkd
from keras_mtkd._backend.export import PUBLIC_NAMES
from keras_mtkd.balancing.registry import METHODS

CONFIG = documents.ROOT / "mkdocs.yml"
REFERENCE = documents.DOCS / "reference"
# Pages of single methods, which may hold the entry of the method's class.
OF_METHODS = [
    page
    for kind in ("balancing", "loss_weighting")
    for page in sorted((documents.DOCS / "methods" / kind).glob("*.md"))
]
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
    of_methods = [name for page in OF_METHODS for name in documented(page)]
    listed = [name for names in entries.values() for name in names]
    assert sorted(listed + of_methods) == sorted(public_names())
    for page, names in entries.items():
        own = "keras_mtkd" if page == "keras_mtkd" else f"keras_mtkd.{page}"
        assert all(name == own or name.rpartition(".")[0] == own for name in names), page


def test_a_method_on_its_own_page_is_the_one_that_the_page_is_called_after():
    for page in OF_METHODS:
        for name in documented(page):
            assert name == f"keras_mtkd.balancing.{METHODS[page.stem].__name__}", page


def path_of(page):
    return page.relative_to(documents.DOCS).as_posix()


def test_every_page_is_in_the_navigation_once():
    """Those of methods may be left to the hook, which adds them to their section."""
    nav = CONFIG.read_text("utf-8").partition("\nnav:\n")[2]
    named = re.findall(r"[\w/]+\.md", nav)
    pages = {path_of(page) for page in documents.PAGES}
    assert len(set(named)) == len(named)
    assert set(named) <= pages
    assert pages - set(named) <= {path_of(page) for page in OF_METHODS}


@pytest.mark.extra("mkdocs")
@pytest.mark.parametrize("first", ["ways/one.md", {"All": "ways/one.md"}], ids=["", "titled"])
def test_pages_of_a_folder_enter_themselves_in_its_section(first, tmp_path):
    spec = importlib.util.spec_from_file_location("nav", documents.DOCS / "hooks" / "nav.py")
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    (tmp_path / "ways" / "one").mkdir(parents=True)
    for name, text in {
        "b": "# Zeta: last\n\nText.\n",
        "c": "---\n# Not this.\ntags: few\n---\n```\n# Nor this.\n```\n# alpha\n",
        "d": "# Named\n",
    }.items():
        (tmp_path / "ways" / "one" / f"{name}.md").write_text(text)
    section = [first, {"As named": "ways/one/d.md"}]
    nav = [{"Home": "index.md"}, {"Ways": [{"Two": "ways/two.md"}, {"One": section}]}]
    nav.append({"Again": ["ways/one.md"]})
    hook.complete(nav, tmp_path)
    assert section[2:] == [{"alpha": "ways/one/c.md"}, {"Zeta": "ways/one/b.md"}]
    assert nav[1]["Ways"] == [{"Two": "ways/two.md"}, {"One": section}]
    assert nav[2]["Again"] == ["ways/one.md"]


def test_every_balancing_method_has_a_page():
    # What they do is said where the others are compared with them.
    for name in sorted(set(METHODS) - {"equal", "fixed", "sum"}):
        found = [page for page in OF_METHODS if page.stem == name]
        pages = [f"methods/{kind}/{name}.md" for kind in ("balancing", "loss_weighting")]
        assert len(found) == 1, f"One of the pages {pages} has to be there."


def methods_with_a_row(*pages):
    found = [documents.DOCS / page for page in pages]
    text = "\n".join(page.read_text("utf-8") for page in found if page.exists())
    return set(re.findall(r"^\| \[[^]]+\]\((methods/\w+/\w+\.md)\) \|", text, re.MULTILINE))


def test_every_method_that_was_measured_has_a_row_in_the_guide():
    measured = methods_with_a_row("results.md", "earlier_results.md")
    assert len(measured) >= 30
    assert measured <= methods_with_a_row("decision.md")


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
