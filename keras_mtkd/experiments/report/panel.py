"""One panel of learning curves, as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from keras_mtkd.experiments.report.elements import element
from keras_mtkd.experiments.report.numbers import number, ticks

_WIDTH, _HEIGHT = 320, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 10, 8, 36
# The first epochs may be so far off that all else would be one line.
_SETTLED = 0.25
_OUTLIERS = 0.05


@dataclass(frozen=True)
class Panel:
    """Values over epochs.

    Args:
        epochs: Number of epochs.
        low: Value at the bottom.
        high: Value at the top.
    """

    epochs: int
    low: float
    high: float

    @classmethod
    def around(
        cls, lines: Sequence[np.ndarray], higher_is_better: bool, level: float = math.nan
    ) -> "Panel":
        """A panel that shows lines, without what is far off in the beginning.

        Args:
            lines: `(seeds, epochs)` each.
            higher_is_better: Whether the worst values are the lowest.
            level: A value that is shown besides, if it is finite.
        """
        epochs = max(values.shape[1] for values in lines)
        means = [values.mean(axis=0)[int(_SETTLED * values.shape[1]) :] for values in lines]
        settled = np.concatenate(means)
        settled = settled[np.isfinite(settled)]
        if not len(settled):
            return cls(epochs, 0.0, 1.0)
        cut = (_OUTLIERS, 1.0) if higher_is_better else (0.0, 1.0 - _OUTLIERS)
        low, high = (float(value) for value in np.quantile(settled, cut))
        if math.isfinite(level):
            low, high = min(low, level), max(high, level)
        margin = 0.06 * ((high - low) or abs(high) or 1.0)
        return cls(epochs, low - margin, high + margin)

    def line(self, values: np.ndarray, kind: str, title: str) -> Element:
        """Mean of `(seeds, epochs)` as a line, with a band of one standard error."""
        mean = values.mean(axis=0)
        parts = [element("title", title)]
        if len(values) > 1:
            spread = values.std(axis=0, ddof=1) / np.sqrt(len(values))
            edge = [*_points(mean - spread), *reversed(_points(mean + spread))]
            parts.append(element("path", class_="band", d=self._path(edge)))
        parts.append(element("path", class_="line", d=self._path(_points(mean))))
        return element("g", *parts, class_=kind)

    def level(self, value: float, kind: str, title: str) -> Element:
        """A value as a line over all epochs."""
        path = self._path([(1, value), (max(self.epochs, 2), value)])
        line = element("path", class_="line", d=path)
        return element("g", element("title", title), line, class_=kind)

    def picture(self, lines: Sequence[Element], label: str, name: str) -> Element:
        """The lines with axes.

        Args:
            lines: What `line` made.
            label: What a screen reader says.
            name: An identifier that no other panel has.
        """
        width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        window = element("rect", x=_LEFT, y=_TOP, width=width, height=height)
        inside = element("g", *lines, clip_path=f"url(#{name})")
        return element(
            "svg",
            element("clipPath", window, id=name),
            *self._axes(),
            inside,
            viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
            class_="curves",
            role="img",
            aria_label=label,
        )

    def _axes(self) -> list[Element]:
        bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
        values = ticks(self.low, self.high, most=5)
        digits = _digits(values)
        parts = []
        for value in values:
            y = f"{self._y(value):.1f}"
            parts.append(element("line", class_="grid", x1=_LEFT, x2=right, y1=y, y2=y))
            text = number(value, digits)
            parts.append(element("text", text, x=_LEFT - 6, y=y, dy="0.32em", class_="value"))
        for epoch in ticks(1, self.epochs, most=6):
            if epoch == int(epoch):
                x = f"{self._x(epoch):.1f}"
                parts.append(element("text", number(epoch, 0), x=x, y=bottom + 15, class_="epoch"))
        # Where lines that come from below are cut off.
        parts.append(element("line", class_="edge", x1=_LEFT, x2=right, y1=bottom, y2=bottom))
        middle = (_LEFT + right) // 2
        parts.append(element("text", "epoch", x=middle, y=_HEIGHT - 5, class_="epoch"))
        return parts

    def _path(self, points: Sequence[tuple[int, float]]) -> str:
        """Straight lines between points, broken where a value is not finite."""
        steps, pen = [], "M"
        for epoch, value in points:
            if np.isfinite(value):
                steps.append(f"{pen}{self._x(epoch):.1f} {self._y(value):.1f}")
                pen = "L"
            else:
                pen = "M"
        return "".join(steps)

    def _x(self, epoch: float) -> float:
        return _LEFT + (epoch - 1) / max(self.epochs - 1, 1) * (_WIDTH - _LEFT - _RIGHT)

    def _y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _points(values: np.ndarray) -> list[tuple[int, float]]:
    return list(enumerate(values.tolist(), start=1))


def _digits(values: Sequence[float]) -> int:
    """Decimals that tell ticks apart."""
    step = values[1] - values[0] if len(values) > 1 else 1.0
    return max(0, -int(np.floor(np.log10(step))))
