"""Rows of the table that all benchmarks fill."""

import platform
from collections.abc import Iterable
from dataclasses import dataclass

import keras
import pandas as pd


@dataclass(frozen=True)
class Row:
    """One measured value.

    Attributes:
        what: What was measured.
        case: On what.
        value: The value.
        budget: What it must not be above, if anything.
        unit: Empty for ratios.
    """

    what: str
    case: str
    value: float
    budget: float | None = None
    unit: str = ""

    def cells(self):
        digits = 2 if self.value < 10 else 1 if self.value < 100 else 0
        value = f"{self.value:.{digits}f}{f' {self.unit}' if self.unit else ''}"
        if self.budget is None:
            return [self.what, self.case, value, "", ""]
        held = "held" if self.value <= self.budget else "missed"
        return [self.what, self.case, value, f"{self.budget:.2f}", held]


def text(rows: Iterable[Row]) -> str:
    """The rows as lines of a table in Markdown."""
    header = ["what", "case", "value", "budget", ""]
    lines = [header, ["---"] * len(header), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def machine() -> str:
    """Processor, devices and versions."""
    devices = keras.distribution.list_devices()
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as lines:
            name = next(line for line in lines if "model name" in line).split(":")[1].strip()
    except (OSError, StopIteration):
        pass
    parts = {"keras": keras.version(), "python": platform.python_version()}
    backend = keras.backend.backend()
    versions = ", ".join(f"{part} {version}" for part, version in parts.items())
    return f"{name}; devices {', '.join(map(str, devices))}; backend {backend}; {versions}"


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as a data frame."""
    return pd.DataFrame([vars(row) for row in rows])
