"""How many samples of some data have a label, counted where labels are looked at anyway."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_mtkd.losses.labelled import ignored_class

# A share of the samples below which a batch has few labels.
FEW = 0.2


class LabelCount:
    """Samples and labels of a data set, task by task.

    A sample has no label where all of its weights are 0, or all of its classes are the one that the
    task's loss ignores. Tasks that have no labels at all are not counted.

    Examples:
        >>> count = LabelCount()
        >>> count.add("kind", np.array([0, 1, 2]), None, np.array([1, 0, 1])).tolist()
        [True, False, True]
        >>> count
        LabelCount('kind': 2 of 3 samples have a label)
    """

    def __init__(self) -> None:
        self._seen, self._with_any = 0, 0
        self._batches: dict[str, int] = {}
        self._samples: dict[str, int] = {}
        self._weighed: dict[str, int] = {}
        self._labelled: dict[str, int] = {}

    def add(self, task: str, labels: np.ndarray, loss: Any, weight: Any) -> np.ndarray:
        """Count a batch.

        Args:
            task: The task.
            labels: `(batch, ...)`.
            loss: The task's loss.
            weight: Weights of samples or positions, `(batch,)` or `(batch, ...)`, or `None`.

        Returns:
            `(batch,)`, which samples have a label.
        """
        samples = len(labels)
        weighs = np.ones(samples, bool)
        if weight is not None and np.shape(weight)[:1] == (samples,):
            weighs = (np.asarray(weight) != 0).reshape(samples, -1).any(axis=1)
        ignored, known = ignored_class(loss), weighs
        if ignored is not None:
            known = weighs & (labels != ignored).reshape(samples, -1).any(axis=1)
        for counts, count in (
            (self._batches, 1),
            (self._samples, samples),
            (self._weighed, int(weighs.sum())),
            (self._labelled, int(known.sum())),
        ):
            counts[task] = counts.get(task, 0) + count
        return known

    def add_together(self, known: Sequence[np.ndarray]) -> None:
        """Count the samples of a batch that have a label of any task.

        Args:
            known: What `add` returned for its tasks.
        """
        if known and len({len(each) for each in known}) == 1:
            self._seen += len(known[0])
            self._with_any += int(np.any(known, axis=0).sum())

    def __repr__(self) -> str:
        told = (
            f"{task!r}: {self._labelled[task]} of {samples} samples have a label"
            for task, samples in self._samples.items()
        )
        return f"LabelCount({', '.join(told)})"

    def samples(self, task: str) -> int:
        """Number of samples that were counted."""
        return self._samples.get(task, 0)

    def share(self, task: str, weighed: bool = False) -> float:
        """Share of the samples that have a label; 1 of a task that was not counted.

        Args:
            task: The task.
            weighed: Whether a label that the loss ignores is one too, as where features are
                distilled, which know of weights alone.
        """
        samples = self.samples(task)
        return (self._weighed if weighed else self._labelled)[task] / samples if samples else 1.0

    @property
    def share_with_any(self) -> float:
        """Share of the samples that have a label of any task; 1 if nothing was counted."""
        return self._with_any / self._seen if self._seen else 1.0

    def a_batch(self, task: str) -> float:
        """Mean number of labels in a batch."""
        return self._labelled.get(task, 0) / max(self._batches.get(task, 0), 1)
