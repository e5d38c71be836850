"""The page of a comparison: its sections, its words, and what it may never do."""

import importlib
import pkgutil
import re
from html.parser import HTMLParser
from importlib import resources

import pytest

from experiments.made_up import comparison
from experiments.reports import EVIL, LONG, METHODS, given, made_up
from keras_mtkd.experiments import report
from keras_mtkd.experiments.report import page as page_module

VOID = {"meta", "link", "input"}


class Page(HTMLParser):
    """Tables as rows of texts, elements as (tag, attributes)."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.tables, self.open, self.texts = [], {}, [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "caption":
            self.table = self.tables.setdefault(dict(attributes)["id"], [])
        elif tag == "tr" and self.open[-2] == "tbody":
            self.table.append([])
        elif tag in ("td", "th") and "tbody" in self.open:
            self.table[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if "tbody" in self.open and {"td", "th"} & set(self.open):
            self.table[-1][-1] += data


@pytest.fixture(scope="module")
def page():
    return Page(page_module.as_html(made_up()))


def test_delta_is_that_of_the_summary(page):
    rows = {row[0]: row[2] for row in page.tables["delta-table"]}
    # Seed 0: (+10 % and +10 %) / 2; seed 1: (-10 % and +30 %) / 2; against 0.8 and 0.5.
    assert rows["SCD"] == "+10.0 ±0.0"
    # (-50 - 100) / 2 and (-25 - 100) / 2.
    assert rows["Uniform"] == "−68.8 ±6.2"
    assert rows["Single"] == "0.0 ±10.0"
    # Seed 0: 10 + 5; seed 1: 10 + 5.
    assert {row[0]: row[3] for row in page.tables["delta-table"]} == {
        "Single": "–",
        "Uniform": "78.8 ±6.2 in 2 of 2",
        "MTLKD": "15.0 ±0.0 in 2 of 2",
        "SCD": "–",
    }


def bold(page_of):
    """What stands in bold in the table of Δ_MTL."""
    text = page_module.as_html(page_of)
    table = text[text.index("delta-table") :]
    return re.findall(r"<b>(.*?)</b>", table[: table.index("</table>")])


def test_a_best_method_is_claimed_where_the_seeds_support_it(page):
    lead = next(text for text in page.texts if "2 tasks" in text)
    assert lead.startswith(
        "2 tasks, 2 seeds, on test data. 2 seeds do not tell SCD, MTLKD and Uniform apart. "
        "SCD: Δ_MTL +10.0 ±0.0 % against single-task models"
    )
    assert lead.endswith(
        "Its student has 8,840 parameters, 17 % of 51,000, and takes 0.31 ms a "
        "prediction, 34 % of 0.92."
    )
    # Two seeds are too few, though those of MTLKD agree.
    assert bold(made_up()) == []
    found = comparison({"single": [0, 0, 0], "mtlkd": [-3, -2, -4], "scd": [-1, 0, -2]})
    assert "SCD is the best: +2.0 ±0.0 over MTLKD" in page_module.as_html(found)
    assert bold(found) == ["2.0 ±0.0"]
    level = comparison({"single": [0, 0], "mtlkd": [-3, -2], "scd": [-1, 0.5]})
    assert bold(level) == []
    assert "the best:" not in page_module.as_html(level)


def test_a_score_near_0_is_told_with_its_task(page):
    assert not [attributes for _, attributes in page.elements if attributes.get("role") == "note"]
    made = comparison({"single": [-100, -100], "scd": [10, 10]})
    shown = Page(page_module.as_html(made))
    assert "Read Δ_MTL with care:" in shown.texts
    assert any("accuracy of single-task models is 0: nothing" in text for text in shown.texts)
    assert shown.tables["gaps-table"][1] == ["SCD", "–"]
    assert "with care" in shown.texts
    assert shown.tables["scores-table"][1] == ["SCD", "0.550 ±0.000"]


def test_gaps_scores_and_seeds(page):
    gaps = {row[0]: row[1:] for row in page.tables["gaps-table"]}
    assert gaps["Uniform"] == ["−37.5 ±12.5", "−100.0 ±0.0"]
    scores = {row[0]: row[1:] for row in page.tables["scores-table"]}
    assert scores["SCD"] == ["0.800 ±0.080", "0.400 ±0.050"]
    seeds = page.tables["seeds-table"]
    assert len(seeds) == len(METHODS) * 2
    assert ["SCD", "1", "0.720", "0.350", "+10.0", "20"] in seeds


def test_similarity_queue_settings_and_environment(page):
    assert page.tables["similarity0-table"] == [[EVIL, "1.00", "0.25"], [LONG, "0.25", "1.00"]]
    assert page.tables["queue-table"][1] == ["SCD", "1", EVIL + LONG]
    labels = [attributes.get("aria-label") for _, attributes in page.elements]
    assert f"{LONG}: 0.25 from epoch 1, 1.00 from epoch 5" in labels
    assert ["weight", f"{EVIL}: 1.0"] in page.tables["settings-table"]
    assert page.tables["environment-table"] == [["Keras", "3.0"], ["system", EVIL]]


def test_settings_are_not_claimed_of_methods_of_ones_own(page):
    told = "What My <way> made of them, or took instead, their own functions decide."
    assert not any("own functions" in text for text in page.texts)
    made = made_up()
    made.table["method"] = made._all["method"] = made._all["method"].replace("mtlkd", "my-way")
    made.methods[2] = "my-way"
    made.titles["my-way"] = "My <way>"
    assert any(told in text for text in Page(page_module.as_html(made)).texts)


def levels(page):
    """The height of the single-task models' line in every panel, after the texts of the panels."""
    found = re.findall(r'<g class="level">.*?d="M44.0 ([\d.]+)L310.0 ([\d.]+)"', page)
    assert all(start == end for start, end in found)
    told = re.findall(r"Level of single-task models (\d+\.\d+)", page)
    return [float(start) for start, _ in found], told


def test_curves_show_the_level_of_the_single_task_models():
    page = page_module.as_html(made_up())
    heights, told = levels(page)
    # Means of what both seeds end with: 0.8, and 0.4 and 0.6 behind an excess of 1 / 4096.
    assert told == ["0.800", "0.500"]
    assert 8 < heights[0] < heights[1] < 164
    without = page_module.as_html(made_up(methods=METHODS[1:]))
    assert levels(without)[1] == told
    assert 'value="level"' in page
    assert "level" not in page_module.as_html(made_up(with_runs=False)).split("<body>")[1]


def test_curves_show_the_level_of_teachers_that_were_given():
    made = made_up()
    trained = levels(page_module.as_html(made))[1]
    made.runs |= {("single", seed): given(seed) for seed in (0, 1)}
    page = page_module.as_html(made)
    assert levels(page)[1] == trained
    assert page.count('value="method') == len(METHODS) - 1


def test_teachers_that_were_given_are_told_from_those_trained():
    shown = Page(page_module.as_html(made_up(own=[LONG])))
    first, *others = shown.tables["scores-table"]
    assert first == ["Single", "0.800 ±0.000trained here", "0.500 ±0.100given"]
    assert not [row for row in others if "given" in "".join(row)]
    assert f"Teachers: {LONG} given; {EVIL} trained here." in shown.texts
    assert "Teachers: all given." in Page(page_module.as_html(made_up(own=[EVIL, LONG]))).texts


def test_names_are_texts_and_never_elements(page):
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert "".join(page.texts).count(EVIL) > 5


def test_nothing_is_fetched(page):
    for tag, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "action", "data"):
            value = attributes.get(name)
            assert value is None or value[0] == "#" or value == "data:,", (tag, value)
    assert "url(" not in resources.files("keras_mtkd.experiments.report").joinpath(
        "page.css"
    ).read_text("utf-8")


def test_pictures_tables_and_landmarks_can_be_read_aloud(page):
    tags = [tag for tag, _ in page.elements]
    assert ("html", {"lang": "en"}) in page.elements
    for landmark in ("header", "nav", "main"):
        assert tags.count(landmark) == 1
    assert tags.count("h1") == 1
    assert tags.count("caption") == tags.count("table") > 5
    names = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for tag, attributes in page.elements:
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
        if tag == "th":
            assert attributes["scope"] in ("row", "col")
        if tag == "section" or attributes.get("role") == "region":
            assert attributes["aria-labelledby"] in names
        if tag == "a":
            assert attributes["href"][1:] in names


def test_identifiers_are_unique(page):
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))


def luminance(colour):
    parts = [value / 255 for value in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_is_that_of_wcag_aa(scheme):
    css = resources.files("keras_mtkd.experiments.report").joinpath("page.css").read_text("utf-8")
    block = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[scheme]
    colours = {
        name: tuple(int(value[place : place + 2], 16) for place in (0, 2, 4))
        for name, value in re.findall(r"--(\w+): #(\w{6})", block)
    }
    for ground in ("surface", "raised"):
        for name in ("text", "quiet", "accent"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
        for name in (f"colour{number}" for number in range(6)):
            assert contrast(colours[name], colours[ground]) >= 3, (name, ground)
    # The deepest cell of the heat map.
    pairs = zip(colours["accent"], colours["raised"], strict=True)
    deepest = [0.45 * accent + 0.55 * raised for accent, raised in pairs]
    assert contrast(colours["text"], deepest) >= 4.5


def test_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "report.html"
    assert made_up().save_report(path) == path
    before = path.read_text("utf-8")
    assert before.startswith("<!DOCTYPE html>")

    def full(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="disk full"):
        made_up(with_runs=False).save_report(path)
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    assert path.read_text("utf-8") == before


def test_sections_without_data_are_left_out():
    titles = set(Page(page_module.as_html(made_up(with_runs=False))).texts)
    assert {"Scores", "Gaps by task"} <= titles
    assert not {"Size and time", "Learning curves", "Queue", "Similarity of tasks"} & titles


def test_every_section_is_on_the_page():
    """A module of this room that makes a section has it shown, so that the tests here see it."""
    made = set()
    for info in pkgutil.iter_modules(report.__path__, f"{report.__name__}."):
        for name, value in vars(importlib.import_module(info.name)).items():
            if name.endswith("_section") and value.__module__ == info.name:
                made.add(value)
    assert made == set(page_module._SECTIONS)
    assert len(made) == 10
