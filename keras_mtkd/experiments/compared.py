"""What tables, pages and event files read of a comparison, which in turn writes them."""

from typing import Any, Protocol

from keras_mtkd.experiments.run import Run
from keras_mtkd.plots import comparison


class Compared(comparison.Compared, Protocol):
    """What a picture reads, and how the runs went.

    Attributes:
        runs: `{(method, seed): Run}`, as far as known.
        conditions: What all runs have in common, `{name: value}`.
        table: Pandas frame with the columns method, seed, task, metric, value.
    """

    runs: dict[tuple[str, int], Run]
    conditions: dict[str, Any]
    table: Any
