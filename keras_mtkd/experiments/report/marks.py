"""Means, standard errors and seeds on a line, drawn to any width."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.numbers import number, ticks

_HEIGHT = 24
_MARGIN = 0.06
# About half of the width of a character.
_HALF = 0.32


@dataclass(frozen=True)
class Scale:
    """A line from one value to another.

    Args:
        low: Value at the left end.
        high: Value at the right end.
    """

    low: float
    high: float

    @classmethod
    def around(cls, values: Iterable[float]) -> "Scale":
        """A scale that shows all finite values and 0."""
        finite = [0.0, *(value for value in values if math.isfinite(value))]
        low, high = min(finite), max(finite)
        margin = _MARGIN * ((high - low) or 1.0)
        return cls(low - margin, high + margin)

    def place(self, value: float) -> str:
        """Where a value is, in percent of the width."""
        return f"{100 * (value - self.low) / (self.high - self.low):.2f}%"

    def ticks(self) -> list[float]:
        """Round values on the line."""
        return ticks(self.low, self.high, most=4)


def marks(
    scale: Scale, mean: float, spread: float, seeds: Sequence[float], label: str, colour: str
) -> Element:
    """A dot at the mean, a bar of one standard error to both sides, a faint dot a seed.

    Args:
        scale: The line.
        mean: The mean.
        spread: The standard error; NaN where it is not known.
        seeds: Values of the seeds.
        label: What a screen reader says.
        colour: Classes of the method's colour.

    Returns:
        An SVG element as wide as its place.
    """
    middle = str(_HEIGHT // 2)
    parts = [_line(scale, tick, "zero" if tick == 0 else "grid") for tick in scale.ticks()]
    places = [scale.place(value) for value in seeds if math.isfinite(value)]
    parts += [element("circle", class_="seed", cx=place, cy=middle, r="3") for place in places]
    if math.isfinite(mean):
        if math.isfinite(spread):
            ends = {"x1": scale.place(mean - spread), "x2": scale.place(mean + spread)}
            parts.append(element("line", class_="spread", y1=middle, y2=middle, **ends))
        parts.append(element("circle", class_="mean", cx=scale.place(mean), cy=middle, r="5"))
    return element(
        "svg",
        *parts,
        class_=f"marks {colour}",
        width="100%",
        height=_HEIGHT,
        role="img",
        aria_label=label,
    )


def axis(scale: Scale) -> Element:
    """The ticks of a scale, to stand below marks; labels at the ends stay within the width."""
    labels = []
    for tick in scale.ticks():
        text = number(tick, _digits(scale))
        half = f"{_HALF * len(text):.2f}em"
        where = f"left:clamp({half}, {scale.place(tick)}, 100% - {half})"
        labels.append(element("span", text, style=where))
    return element("div", *labels, class_="axis")


def _digits(scale: Scale) -> int:
    return 0 if scale.high - scale.low > 4 else 1


def _line(scale: Scale, value: float, kind: str) -> Element:
    where = scale.place(value)
    return element("line", class_=kind, x1=where, x2=where, y1="0", y2=str(_HEIGHT))
