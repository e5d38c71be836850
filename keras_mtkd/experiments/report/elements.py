"""HTML as a tree, so that every text is escaped by the library that writes it."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Content = Element | str


def element(tag: str, /, *content: Content, **attributes: object) -> Element:
    """An element with texts and elements in it.

    Args:
        tag: Name of the element.
        *content: Texts, which are escaped when written, and elements, in order.
        **attributes: `class_="x"` is `class="x"`, `aria_label="x"` is `aria-label="x"`; `None`
            and False are left out, True has no value.

    Examples:
        >>> as_text([element("p", "1 < 2, ", element("b", "so"), id="sum")])
        '<p id="sum">1 &lt; 2, <b>so</b></p>'
    """
    made = Element(tag)
    for name, value in attributes.items():
        if value is not None and value is not False:
            made.set(name.rstrip("_").replace("_", "-"), "" if value is True else str(value))
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + part
        else:
            made.text = (made.text or "") + part
    return made


def as_text(elements: Iterable[Element]) -> str:
    """The elements as HTML."""
    return "\n".join(tostring(each, encoding="unicode", method="html") for each in elements)
