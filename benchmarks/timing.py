"""Timing of training steps, as medians of interleaved rounds."""

import statistics
import time
from collections.abc import Callable, Mapping


def median_times(
    steps: Mapping[str, Callable[[], object]], rounds: int = 30, warm_up: int = 3
) -> dict[str, float]:
    """Seconds of every step, the median over rounds in which each runs once.

    Interleaving lets a slow moment of the machine hit all of them alike.
    """
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(warm_up + rounds):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            if number >= warm_up:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}
