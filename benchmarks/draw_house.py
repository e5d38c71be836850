"""Draws which room of the package uses which, `docs/images/house.svg`, from its imports.

Rows use columns. Rooms stand in the order of the floors in `pyproject.toml`, the ground last.
"""

import argparse
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "house.svg"
SIDE, LEFT, TOP = 22, 130, 112


def floors():
    """Rooms by floor, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = next(each["layers"] for each in settings["contracts"] if each["type"] == "layers")
    return [re.split(r" [|:] ", layer) for layer in layers]


def uses():
    """`{room: rooms that it uses}`."""
    import grimp  # comes with import-linter

    graph = grimp.build_graph("keras_mtkd", cache_dir=None)
    found = {}
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            one, other = (name.split(".")[1:2] for name in (importer, imported))
            if one and other and one != other:
                found.setdefault(one[0], set()).add(other[0])
    return found


def picture():
    """The picture as SVG."""
    used, rooms = uses(), [room for floor in floors() for room in floor]
    size = SIDE * len(rooms)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {LEFT + size + 48} {TOP + size + 8}" '
        'font-family="sans-serif" font-size="12" fill="#777" role="img">',
        "<title>Which room of keras_mtkd uses which: rows use columns</title>",
    ]
    start = 0
    for number, floor in enumerate(floors()):
        if number % 2 == 0:
            y = TOP + SIDE * start
            parts.append(
                f'<rect x="0" y="{y}" width="{LEFT + size}" height="{SIDE * len(floor)}" '
                'fill="#888" opacity="0.12"/>'
            )
        start += len(floor)
    for place, room in enumerate(rooms):
        middle = SIDE * place + SIDE // 2
        parts.append(f'<text x="{LEFT - 8}" y="{TOP + middle + 4}" text-anchor="end">{room}</text>')
        x = LEFT + middle + 4
        parts.append(f'<text transform="translate({x} {TOP - 8}) rotate(-60)">{room}</text>')
        for column, other in enumerate(rooms):
            if other in used.get(room, ()):
                cx, cy = LEFT + SIDE * column + SIDE // 2, TOP + middle
                parts.append(f'<circle cx="{cx}" cy="{cy}" r="5" fill="#3f51b5"/>')
    return "\n".join([*parts, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=PICTURE)
    parser.parse_args().output.write_text(picture(), "utf-8")


if __name__ == "__main__":
    main()
