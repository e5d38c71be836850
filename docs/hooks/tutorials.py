"""Tutorials are pages: MkDocs reads the executed notebooks of `tutorials/`, and runs nothing."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

FOLDER = Path(__file__).parents[2] / "tutorials"
_SECTION = "Tutorials"

_TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# As GitHub needs them, from a page and from a tutorial.
_TO_TUTORIAL = re.compile(r"\]\(\.\./((?:\.\./)*)tutorials/(\w+)\.(?:ipynb|md)")
_FROM_TUTORIAL = re.compile(r"\]\((?:\.\./docs/([\w/]+)\.md|(\w+)\.ipynb)")


def on_config(config: Any) -> Any:
    """Fill the section of the navigation, in the order of their numbers."""
    pages = ["tutorials/index.md", *(f"tutorials/{path.stem}.md" for path in notebooks())]
    for entry in config["nav"]:
        if isinstance(entry, dict) and _SECTION in entry:
            entry[_SECTION] = pages
    return config


def on_files(files: Any, config: Any) -> Any:
    """Give MkDocs a page for each notebook, and the pictures that it shows."""
    listing = (FOLDER / "README.md").read_text("utf-8")
    contents: dict[str, str | bytes] = {"index.md": _here(listing)}
    for path in notebooks():
        contents |= convert(json.loads(path.read_text("utf-8")), path.stem)
    for name, content in contents.items():
        files.append(File.generated(config, f"tutorials/{name}", content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Lead links to notebooks to their pages."""

    def to_page(link: re.Match[str]) -> str:
        name = "index" if link[2] == "README" else link[2]
        return f"]({link[1]}tutorials/{name}.md"

    return _TO_TUTORIAL.sub(to_page, markdown)


def notebooks() -> list[Path]:
    """Those that begin with a number, by number."""
    return sorted(FOLDER.glob("[0-9]*.ipynb"), key=lambda path: int(path.stem.partition("_")[0]))


def convert(notebook: dict[str, Any], name: str) -> dict[str, str | bytes]:
    """A notebook as a page of Markdown and its pictures.

    Args:
        notebook: What is in the file.
        name: What the page is called, without `.md`.

    Returns:
        `{file name: content}`, the page first.
    """
    parts: list[str] = []
    pictures: list[bytes] = []
    heading = name
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
            heading = titles[-1] if titles else heading
            parts.append(_here(text))
            continue
        parts.append(_fence(text, "python"))
        for output in cell["outputs"]:
            for kind, content in _shown(output):
                if kind == "picture":
                    pictures.append(base64.b64decode(content))
                    parts.append(f"![{heading}]({name}_{len(pictures)}.png)")
                else:
                    parts.append(content)
    files = {f"{name}_{number}.png": data for number, data in enumerate(pictures, 1)}
    return {f"{name}.md": "\n\n".join(parts) + "\n", **files}


def _shown(output: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """`(kind, content)` of what a cell shows: a picture, a table, or else text."""
    data = output.get("data", {})
    tables = _TABLE.findall("".join(data.get("text/html", "")))
    if "image/png" in data:
        yield "picture", "".join(data["image/png"])
    elif tables:
        for table in tables:
            yield "table", re.sub(r"<(table|tr) [^>]*>", r"<\1>", table)
    else:
        text = "".join(output.get("text") or data.get("text/plain", ""))
        if text.strip():
            yield "text", f'<div class="output" markdown>\n{_fence(_printed(text), "text")}\n</div>'


def _printed(text: str) -> str:
    """What a terminal would have in the end, without colours."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in _ESCAPES.sub("", text).split("\n"))
    return "\n".join(line.replace("\b", "").rstrip() for line in lines).strip("\n")


def _fence(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```"


def _here(text: str) -> str:
    """Links as they are in the site."""
    return _FROM_TUTORIAL.sub(
        lambda link: f"](../{link[1]}.md" if link[1] else f"]({link[2]}.md", text
    )
