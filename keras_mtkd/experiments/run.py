"""How one training of a comparison went."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from time import perf_counter
from typing import Any

import keras
import numpy as np

Blocks = list[list[str]]
Series = dict[str, list[float]]


@dataclass(frozen=True)
class Run:
    """What is kept of a training beside its scores; all of it may be missing.

    Args:
        history: `{name: value of every epoch}`, as in `keras.callbacks.History`.
        seconds: How long `fit` took.
        tasks: The tasks that have a teacher, the rows of `similarity`.
        similarity: `(tasks, tasks)` where the method measures it.
        blocks: Blocks of similar tasks.
        queue: Blocks in the order of distillation.
        environment: Versions and machine.
        parameters: Weights of the student; for single-task models, of all of them together.
        levels: Scores on validation data of single-task models that were not trained here and have
            no history, under the names that they would have there: `val_{task}_{metric}`.
        best_epoch: The epoch whose weights the student has, counted from 0; `None` for the last
            one, and for single-task models, each of which has its own.
        change: Δ_MTL on validation data, of the epoch that counts, where it is known and finite. No
            task counts for more than 100 %.
        choice: What the automatic choice took, and why: see `experiments.Choice`.
    """

    history: Series = field(default_factory=dict)
    seconds: float | None = None
    tasks: list[str] = field(default_factory=list)
    similarity: list[list[float]] | None = None
    blocks: Blocks | None = None
    queue: Blocks | None = None
    environment: dict[str, str] = field(default_factory=dict)
    parameters: int | None = None
    levels: dict[str, float] = field(default_factory=dict)
    best_epoch: int | None = None
    change: float | None = None
    choice: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any] | None) -> "Run":
        """The run whose `as_dict` was kept, perhaps by another version of this package."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in (kept or {}).items() if name in known})


Scores = dict[str, dict[str, float]]
Result = tuple[Scores, Run]


class Recorder(keras.callbacks.Callback):
    """Notes how a training goes. Must come after callbacks that add to the logs.

    Attributes:
        run: What was noted, once training has ended.
    """

    def __init__(self) -> None:
        super().__init__()
        self.run = Run()
        self._history: Series = {}
        self._began = 0.0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._began = perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        for name, value in (logs or {}).items():
            self._history.setdefault(name, []).append(float(value))

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        model = self.model
        # Only a `MultiTaskDistiller` has teachers and a schedule.
        similarity = getattr(getattr(model, "schedule", None), "similarity", None)
        self.run = Run(
            history=self._history,
            seconds=perf_counter() - self._began,
            tasks=list(getattr(model, "teachers", ())),
            similarity=None if similarity is None else np.asarray(similarity).tolist(),
            blocks=getattr(model, "blocks", None),
            queue=getattr(model, "queue", None),
        )
