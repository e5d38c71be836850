"""The page: sections in order, style and script in the file."""

import base64
import hashlib
from importlib import resources
from string import Template
from xml.etree.ElementTree import Element

from keras_mtkd.experiments.compared import Compared
from keras_mtkd.experiments.report.changes import delta_section, gaps_section
from keras_mtkd.experiments.report.choices import choices_section
from keras_mtkd.experiments.report.costs import costs_section
from keras_mtkd.experiments.report.curves import curves_section
from keras_mtkd.experiments.report.elements import as_text, element
from keras_mtkd.experiments.report.facts import facts_section
from keras_mtkd.experiments.report.results import Results
from keras_mtkd.experiments.report.scheduling import queue_section, similarity_section
from keras_mtkd.experiments.report.scores import scores_section, seeds_section

_SECTIONS = (
    delta_section,
    choices_section,
    costs_section,
    gaps_section,
    scores_section,
    curves_section,
    similarity_section,
    queue_section,
    seeds_section,
    facts_section,
)


def as_html(comparison: Compared) -> str:
    """The whole page of a comparison, with nothing to be fetched.

    Args:
        comparison: The comparison.
    """
    results = Results(comparison)
    made = [section(results) for section in _SECTIONS]
    sections = [section for section in made if section is not None]
    script = _file("page.js")
    return Template(_file("page.html")).substitute(
        title=as_text([element("title", _title(results))]),
        style=_file("page.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        header=as_text([element("h1", _title(results)), element("p", _lead(results))]),
        links=as_text([_links(sections)]),
        main=as_text(sections),
    )


def _title(results: Results) -> str:
    problem = results.comparison.conditions.get("problem")
    return f"Comparison of methods on {problem}" if problem else "Comparison of methods"


def _lead(results: Results) -> str:
    """What came out, in a sentence."""
    seeds = "one seed" if len(results.seeds) == 1 else f"{len(results.seeds)} seeds"
    split = {"test": ", on test data", "validation": ", on validation data"}
    where = split.get(str(results.comparison.conditions.get("split")), "")
    count = len(results.tasks)
    tasks = "one task" if count == 1 else f"{count} tasks"
    return f"{tasks.capitalize()}, {seeds}{where}. {results.comparison.verdict()}".strip()


def _links(sections: list[Element]) -> Element:
    """A list of links to the sections."""
    heads = [section[0] for section in sections]
    items = [element("li", element("a", h.text or "", href=f"#{h.get('id')}")) for h in heads]
    return element("ul", *items)


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
