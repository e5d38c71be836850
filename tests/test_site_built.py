"""The built site, as its readers see it: all pages, on a screen and on a phone, light and dark.

`tests/measured.js` says of a page what is cut, faint or not rendered. A build serves all tests, on
one backend: no page depends on it.
"""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import documents
import keras
import pytest
from browsers import asked_for, look, needs_browser
from test_site import CONFIG, MODULES, OF_METHODS, REFERENCE, documented, path_of

WIDTHS = (1400, 390)
SCHEMES = {"default": False, "slate": True}
MEASURE = (Path(__file__).parent / "measured.js").read_text("utf-8")
AT_ONCE = """document.head.insertAdjacentHTML(
    "beforeend", "<style>* { transition: none !important }</style>")"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.extra("mkdocs", "material", "mkdocstrings", "math_core"),
    pytest.mark.skipif(keras.backend.backend() == "jax", reason="the same on both backends"),
]
in_browser = [needs_browser, pytest.mark.extra("selenium")]


def seen_in_browser(test):
    for mark in in_browser:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", CONFIG, "-d", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site):
    found = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*.html"))}
    del found["404.html"]
    assert len(found) > 70
    return found


@pytest.fixture(scope="module")
def seen(browser, pages):
    """`{(page, width, scheme): what the script says}`, messages of the console, and requests."""
    found, messages, asked = {}, {}, set()
    for name, path in pages.items():
        look(browser, WIDTHS[0])
        browser.get(path.as_uri())
        browser.execute_script(AT_ONCE)
        for width in WIDTHS:
            for scheme, dark in SCHEMES.items():
                look(browser, width, dark)
                browser.execute_script("document.body.dataset.mdColorScheme = arguments[0]", scheme)
                found[name, width, scheme] = browser.execute_script(MEASURE)
        messages[name] = [entry["message"] for entry in browser.get_log("browser")]
        asked |= asked_for(browser)
    return found, messages, asked


def wrong(seen, what):
    """Where the script found something of this."""
    return {place: of_page[what] for place, of_page in seen[0].items() if of_page[what]}


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


def test_every_method_is_in_the_navigation_and_every_name_in_the_reference(site):
    home = (site / "index.html").read_text("utf-8")
    for page in OF_METHODS:
        assert home.count(f'href="{path_of(page).removesuffix(".md")}.html" class="md-nav') == 1
    assert not list(site.rglob("*.py"))
    for page in [*REFERENCE.glob("*.md"), *OF_METHODS]:
        html = (site / path_of(page)).with_suffix(".html").read_text("utf-8")
        for name in set(documented(page)) - set(MODULES):
            assert f'id="{name}"' in html, name


def test_every_tutorial_is_a_page_with_its_pictures(site):
    home = (site / "index.html").read_text("utf-8")
    notebooks = sorted((documents.ROOT / "tutorials").glob("[0-9]*.ipynb"))
    assert notebooks
    for notebook in notebooks:
        assert f'href="tutorials/{notebook.stem}.html"' in home
        text = (site / "tutorials" / f"{notebook.stem}.html").read_text("utf-8")
        assert ".ipynb" not in text
        pictures = re.findall(r'<img [^>]*src="([^"]+)"', text)
        assert pictures
        assert all((site / "tutorials" / name).read_bytes()[1:4] == b"PNG" for name in pictures)


def test_pages_lead_to_the_one_before_and_the_next(pages):
    links = {
        name: path.read_text("utf-8").count("md-footer__link--") for name, path in pages.items()
    }
    assert sorted(links.values())[:2] == [1, 1]  # The first page and the last.
    assert set(links.values()) == {1, 2}


def test_nothing_is_loaded_from_elsewhere(site, pages):
    for path in pages.values():
        parser = Loaded()
        parser.feed(path.read_text("utf-8"))
        assert parser.addresses
        for address in parser.addresses:
            assert not re.match(r"(https?:)?//", address), (path, address)
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", style.read_text("utf-8")), style


@seen_in_browser
def test_no_message_in_the_console_and_no_request(seen, pages):
    _, messages, asked = seen
    assert {page: said for page, said in messages.items() if said} == {}
    assert {url for url in asked if not url.startswith("file:")} == set()
    assert len(asked) > len(pages)


@seen_in_browser
@pytest.mark.parametrize("what", ["page", "code", "tables", "others"])
def test_nothing_is_cut(seen, what):
    assert wrong(seen, what) == {}


@seen_in_browser
def test_the_script_sees_what_there_is(seen):
    counted = [of_page["counts"] for of_page in seen[0].values()]
    looks = len(WIDTHS) * len(SCHEMES)
    for kind, least in {"code": 450, "tables": 60, "formulas": 250}.items():
        assert sum(counts[kind] for counts in counted) > looks * least


@seen_in_browser
@pytest.mark.parametrize(
    ("what", "element"),
    [
        ("code", "<pre><code style='white-space: pre'>{}</code></pre>"),
        (
            "tables",
            "<table style='white-space: nowrap'><tr><td>{}</td></tr></table>",
        ),
        ("others", "<div style='overflow: hidden'><h2 style='width: 9999px'>{}</h2></div>"),
        ("page", "<div style='width: 9999px'>{}</div>"),
        ("raw", "<p>$x_1$ {}</p>"),
        ("faint", "<p style='color: #999; background: #fff'>{}</p>"),
    ],
)
def test_the_script_finds_what_is_wrong(browser, pages, what, element):
    look(browser, 1400)
    browser.get(pages["concepts.html"].as_uri())
    browser.execute_script(AT_ONCE)
    assert not browser.execute_script(MEASURE)[what]
    place = (
        "document.querySelector('.md-content__inner').insertAdjacentHTML('beforeend', arguments[0])"
    )
    browser.execute_script(place, element.format("x" * 500))
    assert browser.execute_script(MEASURE)[what]


@seen_in_browser
def test_lines_of_code_are_in_one_piece_on_a_large_screen(seen):
    found = {place: lines for place, lines in wrong(seen, "broken").items() if place[1] == 1400}
    assert found == {}


@seen_in_browser
def test_formulas_are_rendered(seen):
    assert wrong(seen, "raw") == {}


@seen_in_browser
def test_text_can_be_read(seen):
    assert wrong(seen, "faint") == {}


@seen_in_browser
@pytest.mark.parametrize(("scheme", "dark"), SCHEMES.items())
def test_the_scheme_is_the_readers(browser, pages, scheme, dark):
    look(browser, 1400, dark)
    browser.get(pages["index.html"].as_uri())
    assert browser.execute_script("return document.body.dataset.mdColorScheme") == scheme


@seen_in_browser
def test_code_is_copied_as_it_is_written(browser, pages):
    look(browser, 390)
    browser.get(pages["methods/mtlkd.html"].as_uri())
    script = """
        const code = document.querySelector("pre > code");
        getSelection().selectAllChildren(code);
        code.setAttribute("data-md-copying", "");  // As the button does.
        return [getSelection().toString(), code.innerText];"""
    (block,) = documents.blocks(documents.DOCS / "methods" / "mtlkd.md", "python")
    assert [text.strip() for text in browser.execute_script(script)] == 2 * [block.strip()]
