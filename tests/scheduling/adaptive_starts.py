"""The whole of an adaptive schedule, of which the callback takes one step an epoch."""

from collections.abc import Sequence

from keras_mtkd.scheduling.adaptive import Progress, advance, latest_start


def adaptive_starts(
    gaps: Sequence[Sequence[float]],
    stages: int,
    epochs: int,
    patience: int = 2,
    min_delta: float = 0.01,
    last_start: float = 0.25,
) -> list[int]:
    """First epochs of the stages that a history of gaps, one of each block an epoch, leads to.

    Shorter than `stages` while stages are to come.
    """
    starts, progress = [0], Progress()
    for epoch, blocks in enumerate(gaps):
        if progress.started == stages:
            break
        gap = sum(blocks[: progress.started]) / progress.started
        overdue = epoch + 1 >= latest_start(progress.started, stages, epochs, last_start)
        progress = advance(progress, gap, patience, min_delta, overdue)
        if progress.started > len(starts):
            starts.append(epoch + 1)
    return starts
