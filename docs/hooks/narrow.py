"""What lets code and tables fit any screen: they are marked up, `assets/style.css` does the rest.

Lines of code say how far they are indented, so that what does not fit goes on below, further in.
Cells say what stands at the head of their column, so that on a narrow screen every row of a table
can be a list.
"""

import html
import re
from typing import Any

# Letters that fit in a line of a table: on a phone, and in the middle of a tablet.
_PHONE, _TABLET = 40, 90

_LINE = re.compile(r'(<span id="__span-[\d-]+")>((?:<a [^>]*></a>)?(?:<span class="w">)?)( +)')
_TABLE = re.compile(r"<table[^>]*>.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr[^>]*>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[hd])([^>]*)>(.*?)</t[hd]>", re.DOTALL)
_ERROR = re.compile(r"(\d) ±(\d)")
# Between these a line of code may end: what follows a space and does not fit would leave it empty.
_SIGN = re.compile(r'<span class="o">[.=]</span>(?=<span)')
# Of long names in the text, and above the entries of the reference, where a line may end.
_PART = re.compile(r"(?<=\w)[._](?=[^\W\d])")
_NAME = re.compile(r'(<code>|<span class="doc doc-object-name [^"]*">)([^<]{26,})(?=<)')


def on_post_page(output: str, **_: Any) -> str:
    """Mark up a page, which search has read by now."""
    return mark_up(output)


def mark_up(content: str) -> str:
    """Code, tables and names of a page.

    Args:
        content: HTML.

    Returns:
        The same, with more attributes, and with `<wbr>` where names may be parted.
    """
    content = _NAME.sub(lambda name: name[1] + _PART.sub(r"\g<0><wbr>", name[2]), content)
    content = _ERROR.sub("\\1\N{NO-BREAK SPACE}±\\2", content)
    content = _SIGN.sub(r"\g<0><wbr>", content)
    content = _LINE.sub(lambda line: _indented(*line.groups()), content)
    return _TABLE.sub(lambda table: label(table[0]), content)


def _indented(start: str, inner: str, spaces: str) -> str:
    return f'{start} style="--indent:{len(spaces)}">{inner}{spaces}'


def label(table: str) -> str:
    """A table whose cells know their column, marked by how narrow a screen it does not fit.

    Args:
        table: HTML, with the last row of `<thead>` above the columns.

    Returns:
        The same with `data-label` in the cells of `<tbody>` and `data-stack` in `<table>`:
        "tablet" for a table that needs a large screen, "phone" for one that needs a tablet.
    """
    head, found, body = table.partition("</thead>")
    rows = [_CELL.findall(row) for row in _ROW.findall(table)]
    heads = [_text(cell) for _, _, cell in (_CELL.findall(_ROW.findall(head)[-1]) if found else ())]
    if len(heads) < 3:  # Two columns fit anywhere.
        return table
    body = _ROW.sub(lambda row: _labelled(row[0], heads), body)
    columns = zip(*(cells for cells in rows if len(cells) == len(heads)), strict=True)
    letters = sum(max(len(_text(cell)) for _, _, cell in column) for column in columns)
    letters += 3 * len(heads)  # Between them.
    if letters > _PHONE:
        screen = "tablet" if letters > _TABLET and len(heads) > 4 else "phone"
        head = head.replace("<table", f'<table data-stack="{screen}"', 1)
    return head + found + body


def _labelled(row: str, heads: list[str]) -> str:
    names = iter(heads)

    def with_label(cell: re.Match[str]) -> str:
        name, text = html.escape(next(names, ""), quote=True), cell[3].strip()
        if not (name and text):
            return f"<{cell[1]}{cell[2]}>{text}</{cell[1]}>"
        # In one piece, beside its label.
        return f'<{cell[1]}{cell[2]} data-label="{name}"><span>{text}</span></{cell[1]}>'

    return _CELL.sub(with_label, row)


def _text(cell: str) -> str:
    # Of a formula what is seen of it.
    return html.unescape(re.sub(r"<[^>]*>", "", cell)).strip()
