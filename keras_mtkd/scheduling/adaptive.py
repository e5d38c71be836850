"""Stages that end when the student stops gaining on its teachers."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Progress:
    """How a stage is going.

    Args:
        best: Smallest mean gap in this stage so far.
        waited: Epochs since it last shrank.
        started: Number of stages that have started.
    """

    best: float = 1.0
    waited: int = 0
    started: int = 1


def advance(
    progress: Progress, gap: float, patience: int, min_delta: float, overdue: bool
) -> Progress:
    """Take in the mean gap after one epoch; a new stage starts with the next one if due.

    Args:
        progress: The stage so far.
        gap: Mean `student_gap` of the tasks that are distilled.
        patience: Epochs without gain after which the next block joins.
        min_delta: Smallest decrease of the gap that is a gain.
        overdue: Whether the next block has to join now in any case.
    """
    if gap < progress.best - min_delta:
        progress = replace(progress, best=gap, waited=0)
    else:
        progress = replace(progress, waited=progress.waited + 1)
    if overdue or progress.waited >= patience:
        return Progress(started=progress.started + 1)
    return progress


def latest_start(stage: int, stages: int, epochs: int, last_start: float) -> int:
    """The epoch with which a stage, counted from 0, starts at the latest."""
    return max(1, int(epochs * last_start * stage / max(stages - 1, 1)))


def check_adaptive(patience: int, last_start: float) -> None:
    """Refuse settings that make no sense.

    Raises:
        ValueError: Saying which.
    """
    if patience < 1:
        raise ValueError(f"`patience` must be at least 1. Received: patience={patience}.")
    if not 0.0 < last_start <= 1.0:
        raise ValueError(f"`last_start` must lie in (0, 1]. Received: last_start={last_start}.")
