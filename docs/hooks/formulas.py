"""Formulas: what stands between dollars becomes MathML while the site is built, for any browser.

`pymdownx.arithmatex` finds them in pages and docstrings; math-core translates, and refuses what it
does not know. No script runs and nothing is loaded when a page is read.
"""

import html
import re
from typing import Any

from math_core import LatexError, LatexToMathML
from mkdocs.exceptions import PluginError

_INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
_DISPLAY = re.compile(r'<div class="arithmatex">\\\[(.*?)\\\]</div>', re.DOTALL)
_CONVERTER = LatexToMathML(fancy_error=False)


def on_page_content(content: str, page: Any, **_: Any) -> str:
    """Put MathML where formulas are."""
    try:
        return translate(content)
    except LatexError as error:
        raise PluginError(f"A formula of {page.file.src_uri} cannot be read: {error}") from error


def translate(content: str) -> str:
    """Formulas of a page as MathML.

    Args:
        content: HTML, with formulas as `pymdownx.arithmatex` leaves them.

    Returns:
        The same with `<math>` instead.

    Raises:
        LatexError: A formula has a command that is not known, or does not end.
    """
    content = _INLINE.sub(lambda found: _mathml(found[1], displaystyle=False), content)
    return _DISPLAY.sub(
        lambda found: f'<div class="formula">{_mathml(found[1], displaystyle=True)}</div>', content
    )


def _mathml(latex: str, displaystyle: bool) -> str:
    text = html.unescape(latex).strip()
    return _CONVERTER.convert_with_local_state(text, displaystyle=displaystyle)
