"""What tables, pages and event files read of a comparison, which in turn writes them."""

from typing import Any, Protocol

from keras_mtkd.experiments.evidence import Difference
from keras_mtkd.experiments.run import Run
from keras_mtkd.plots import comparison, cost


class Compared(comparison.Compared, cost.Compared, Protocol):
    """What a picture reads, and how the runs went.

    Attributes:
        runs: `{(method, seed): Run}`, as far as known.
        conditions: What all runs have in common, `{name: value}`.
        table: Pandas frame with the columns method, seed, task, metric, value.
        own_teachers: Tasks whose teachers were given.
    """

    runs: dict[tuple[str, int], Run]
    conditions: dict[str, Any]
    table: Any
    own_teachers: list[str]

    def cautions(self) -> dict[str, str]:
        """`{task: sentence}` where a relative change says little."""

    def difference(self, one: str, other: str) -> Difference:
        """How much larger the Δ_MTL of one method is than another's."""

    def best(self) -> str | None:
        """The method whose Δ_MTL is clearly the largest."""

    def verdict(self) -> str:
        """What came out, in sentences."""
