"""Makes room for the first page of numbers: the one that was written by hand becomes another."""

import re
from pathlib import Path

_NAV = "      - Results: results.md\n"
_NEW = "      - Earlier results: earlier_results.md\n"
# Links to a part of the page mean what was there. Those to the whole page stay.
_LINK = re.compile(r"(?<=[(/])results\.md(?=#)")


def move(root: Path) -> Path:
    """Move `docs/results.md` to `docs/earlier_results.md`, with links to its parts.

    Args:
        root: Folder of the repository.

    Returns:
        Where it is now.

    Raises:
        FileExistsError: If there are earlier results already.
    """
    docs = root / "docs"
    page, earlier = docs / "results.md", docs / "earlier_results.md"
    if earlier.exists():
        raise FileExistsError(
            f"'{page}' was written by hand and is not written over: '{earlier}' exists already. "
            "Put what is new in it there, and delete it."
        )
    page.replace(earlier)
    text = earlier.read_text("utf-8")
    earlier.write_text(text.replace("# Results\n", "# Earlier results\n", 1), "utf-8")
    for file in [*docs.rglob("*.md"), *root.glob("*.md")]:
        told = file.read_text("utf-8")
        if (moved := _LINK.sub("earlier_results.md", told)) != told:
            file.write_text(moved, "utf-8")
    config = root / "mkdocs.yml"
    nav = config.read_text("utf-8")
    if _NEW not in nav:
        config.write_text(nav.replace(_NAV, _NAV + _NEW, 1), "utf-8")
    return earlier
