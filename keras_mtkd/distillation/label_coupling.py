"""Two label spaces tied together by how often their classes meet."""

from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd._data.read_labels import read_classes


@mtkd_export("keras_mtkd.LabelCoupling")
class LabelCoupling:
    """A table `P(B | A)`: how likely every class of task B is, given the class of task A.

    Args:
        table: `(classes of A, classes of B)`, rows that sum to 1.
        prior: `P(A)`, `(classes of A,)`, for the reverse direction; uniform by default.

    Raises:
        ValueError: If the table or the prior are no distributions.

    Examples:
        >>> animals = LabelCoupling([[0.75, 0.25], [0.0, 1.0]])
        >>> animals.soft_labels([1, 0]).tolist()
        [[0.0, 1.0], [0.75, 0.25]]

    Source: the relatedness table of distribution matching (Kollias, Sharmanska and Zafeiriou,
    "Distribution Matching for Multi-Task Learning of Classification Tasks", 2024), with soft
    co-annotation and its reverse by Bayes' rule; reconstructed.
    """

    def __init__(self, table: Any, prior: Any = None) -> None:
        self.table = np.asarray(table, "float64")
        if self.table.ndim != 2 or not _distributions(self.table):
            raise ValueError(
                "`table` must be a matrix whose rows are distributions. "
                f"Received: shape {self.table.shape}."
            )
        count = len(self.table)
        self.prior = np.full(count, 1.0 / count) if prior is None else np.asarray(prior, "float64")
        if self.prior.shape != (count,) or not _distributions(self.prior[None]):
            raise ValueError(f"`prior` must be a distribution over {count} classes.")

    @classmethod
    def from_labels(
        cls, a: Any, b: Any, classes: tuple[int, int], smoothing: float = 1.0
    ) -> "LabelCoupling":
        """Count the table on samples that have both labels.

        Args:
            a: Classes of task A, `(samples,)`; negative ones, `None` and NaN are missing.
            b: Classes of task B, likewise.
            classes: Number of classes of both.
            smoothing: Count added to every pair (Laplace).

        Returns:
            The coupling, with the counted prior of A.

        Raises:
            ValueError: If lengths differ, a class is out of range, or a class of A never occurs
                and `smoothing` is 0.
        """
        one, other = read_classes("A", a), read_classes("B", b)
        if len(one) != len(other):
            raise ValueError(f"Received {len(one)} labels of A and {len(other)} of B.")
        if one.max(initial=-1) >= classes[0] or other.max(initial=-1) >= classes[1]:
            raise ValueError(f"A label is not below `classes`. Received: classes={classes}.")
        known = (one >= 0) & (other >= 0)
        counts = np.full(classes, float(smoothing))
        np.add.at(counts, (one[known], other[known]), 1.0)
        sums = counts.sum(axis=1, keepdims=True)
        if not sums.all():
            raise ValueError("A class of A never occurs with B. Use `smoothing` above 0.")
        return cls(counts / sums, sums[:, 0] / sums.sum())

    def reversed(self) -> "LabelCoupling":
        """`P(A | B)`, by Bayes' rule.

        Raises:
            ValueError: If a class of B is impossible.
        """
        joint = self.table * self.prior[:, None]
        marginal = joint.sum(axis=0)
        if not marginal.all():
            raise ValueError(
                f"Class {int(marginal.argmin())} of B is impossible under this table, so nothing "
                "follows from it. Count the table with `smoothing`."
            )
        return LabelCoupling((joint / marginal).T, marginal)

    def soft_labels(self, labels: Any) -> np.ndarray:
        """Soft co-annotation: distributions over B of samples that are labelled for A alone.

        Args:
            labels: Classes of A, `(samples, ...)`; negative ones are missing.

        Returns:
            `(samples, ..., classes of B)` in float32, 0 where the label is missing.
        """
        return ops.convert_to_numpy(self.of_labels(np.asarray(labels).astype("int32")))

    def of_labels(self, labels: Tensor) -> Tensor:
        """`soft_labels` of tensors, inside a graph."""
        known = ops.expand_dims(labels >= 0, -1)
        table = ops.convert_to_tensor(self.table, "float32")
        rows = ops.take(table, ops.maximum(labels, 0), axis=0)
        return ops.where(known, rows, 0.0)

    def carried_over(self, probabilities: Tensor) -> Tensor:
        """`q(b) = sum_a p(a) P(b | a)`, for predictions `(..., classes of A)`."""
        return ops.matmul(probabilities, ops.convert_to_tensor(self.table, probabilities.dtype))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal object."""
        return {"table": self.table.tolist(), "prior": self.prior.tolist()}


def _distributions(rows: np.ndarray) -> bool:
    return bool((rows >= 0).all() and np.allclose(rows.sum(axis=1), 1.0, atol=1e-5))
