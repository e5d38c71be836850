"""What hooks tell MkDocs beside the navigation: notebooks, formulas, narrow screens."""

import base64
import importlib.util
from types import SimpleNamespace

import documents
import pytest

PICTURE = base64.b64encode(b"PNG").decode()


def hook(name):
    path = documents.DOCS / "hooks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cell(source, *outputs):
    return {"cell_type": "code", "source": [source], "outputs": list(outputs)}


def test_code_knows_how_far_it_is_indented():
    line = '<span id="__span-0-{}"><a id="a"></a>{}x\n</span>'
    content = hook("narrow").mark_up(line.format(1, "    ") + line.format(2, ""))
    assert content.count("--indent") == 1
    assert '<span id="__span-0-1" style="--indent:4"><a id="a"></a>    x' in content


def table(heads, *rows):
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def test_cells_know_their_column_and_wide_tables_the_screen():
    label = hook("narrow").label
    small = label(table(["", "a", "<b>b</b> &amp; c"], ["x", "1", " 2 "]))
    assert '<td data-label="a"><span>1</span></td>' in small
    assert '<td data-label="b &amp; c"><span>2</span></td>' in small
    assert "data-stack" not in small
    assert "<td>x</td>" in small
    wide = label(table(["", "a", "b"], ["x", "1", 50 * "z"]))
    assert 'data-stack="phone"' in wide
    assert 'data-stack="tablet"' in label(table(list("abcde"), 5 * [30 * "z"]))
    two = table(["a", "b"], [90 * "z", "1"])
    assert label(two) == two


def test_names_are_parted_where_they_have_parts():
    mark_up = hook("narrow").mark_up
    long = "abcdefgh.ijklmnop_qrstuv = 0.5"
    parted = "abcdefgh.<wbr>ijklmnop_<wbr>qrstuv = 0.5"
    for element in (
        "<code>{}</code>",
        '<span class="doc doc-object-name doc-class-name">{}</span>',
    ):
        assert mark_up(element.format(long)) == element.format(parted)
    dot = '<span class="n">a</span><span class="o">.</span>{}<span class="n">b</span>'
    assert mark_up(dot.format("")) == dot.format("<wbr>")
    code = f"<pre><span></span><code><span>{long}</span></code></pre>"
    for other in (f"<p>{long}</p>", "<code>a.b_c</code>", code):
        assert mark_up(other) == other


def test_a_number_and_its_error_stay_together():
    assert "1.2\N{NO-BREAK SPACE}±0.3" in hook("narrow").mark_up("<p>1.2 ±0.3</p>")


@pytest.mark.extra("mkdocs", "math_core")
def test_formulas_become_mathml_and_mistakes_end_the_build():
    from mkdocs.exceptions import PluginError

    formulas = hook("formulas")
    inline = formulas.translate('<span class="arithmatex">\\(a &lt; b_1\\)</span> and code')
    assert inline.startswith("<math><mi>a</mi><mo>&lt;</mo><msub>")
    display = formulas.translate('<div class="arithmatex">\\[\n\\frac12\n\\]</div>')
    assert '<math display="block"' in display
    assert "<mfrac>" in display

    class Page:
        class file:
            src_uri = "page.md"

    with pytest.raises(PluginError, match="page.md"):
        formulas.on_page_content('<span class="arithmatex">\\(\\nosuch\\)</span>', page=Page)


@pytest.mark.extra("mkdocs")
def test_a_notebook_becomes_a_page_and_its_pictures():
    frame = '<style>x</style><table border="1" class="y"><tr style="z"><th>h</th></tr></table>'
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "[a](2_b.ipynb), [c](../docs/x/y.md#z)"]},
        cell("1 + 1", {"data": {"text/plain": ["2"]}}),
        cell("show()", {"data": {"image/png": PICTURE, "text/plain": "<Figure>"}}),
        cell("frame", {"data": {"text/html": [frame], "text/plain": "h"}}),
        cell("print()", {"text": ["\x1b[1mone\x1b[0m\n", "10%\rtwo\r\n"]}, {"text": [" \n"]}),
    ]
    page, picture = hook("tutorials").convert({"cells": cells}, "1_a").items()
    assert picture == ("1_a_1.png", b"PNG")
    name, text = page
    assert name == "1_a.md"
    assert "[a](2_b.md), [c](../x/y.md#z)" in text
    assert "```python\n1 + 1\n```" in text
    assert '<div class="output" markdown>\n```text\n2\n```\n</div>' in text
    assert "![Title](1_a_1.png)" in text
    assert "<table><tr><th>h</th></tr></table>" in text
    assert "<style>" not in text
    assert "```text\none\ntwo\n```" in text
    assert text.count("output") == 2


@pytest.mark.extra("mkdocs")
def test_links_to_notebooks_lead_to_their_pages():
    lead = hook("tutorials").on_page_markdown
    assert lead("[a](../tutorials/1_a.ipynb#b)") == "[a](tutorials/1_a.md#b)"
    assert lead("[a](../../tutorials/README.md)") == "[a](../tutorials/index.md)"


@pytest.mark.extra("mkdocs")
def test_notebooks_are_in_the_order_of_their_numbers(tmp_path, monkeypatch):
    tutorials = hook("tutorials")
    for name in ("10_c", "2_b", "1_a", "notes"):
        (tmp_path / f"{name}.ipynb").write_text("{}")
    monkeypatch.setattr(tutorials, "FOLDER", tmp_path)
    config = tutorials.on_config({"nav": [{"Home": "index.md"}, {"Tutorials": []}]})
    names = ("index", "1_a", "2_b", "10_c")
    assert config["nav"][1]["Tutorials"] == [f"tutorials/{name}.md" for name in names]


@pytest.mark.extra("mkdocs")
def test_a_page_that_waits_for_a_number_is_refused():
    placeholders = hook("placeholders")
    page = SimpleNamespace(file=SimpleNamespace(src_uri="results.md"))
    text = "SCD loses @SCD_DELTA@ of a point, @SCD_DELTA@, and `@MS_2@`; @dataclass, a@B.c @Here@."
    assert placeholders.unfilled(text) == ["@SCD_DELTA@", "@MS_2@"]
    for look in (placeholders.on_page_markdown, placeholders.on_page_content):
        with pytest.raises(Exception, match="results.md still has @SCD_DELTA@, @MS_2@: write"):
            look(text, page=page)
        assert look("Nothing is missing.", page=page) is None
