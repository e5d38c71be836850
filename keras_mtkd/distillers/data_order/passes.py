"""Which rows the steps of an epoch take."""

import math

import numpy as np

_SEEDS = 2**31


class DataOrder:
    """What the order of the data depends on while `fit` runs.

    Args:
        seed: Seed of the run; `None` where nothing is shuffled.

    Attributes:
        epoch: The number of the epoch, as `fit` counts: one that goes on begins with a later one.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed, self.epoch = seed, 0


def drawn_seed() -> int:
    """A seed by NumPy's global random numbers, which `keras.utils.set_random_seed` sets."""
    return int(np.random.randint(_SEEDS))


class Passes:
    """The rows that the steps of an epoch take, out of passes through all of them.

    A pass has every row once, in an order that depends on the run's seed and the number of the
    pass alone. Epochs of as many steps as there are batches are passes; shorter ones go on where
    the one before ended.

    Args:
        order: Seed and epoch, which may change.
        rows: Number of rows.
        batch_size: Rows a batch; the last one of a pass may have fewer.
        steps: Steps an epoch, by default one for every batch.
        shuffle: Whether to shuffle; `"batch"` moves rows within their batches alone.
    """

    def __init__(
        self,
        order: DataOrder,
        rows: int,
        batch_size: int = 1,
        steps: int | None = None,
        shuffle: bool | str = True,
    ) -> None:
        self.order, self.rows, self.batch_size, self.shuffle = order, rows, batch_size, shuffle
        self.batches = math.ceil(rows / batch_size)
        self.steps = steps or self.batches
        self._kept: tuple[tuple[int | None, int], tuple[np.ndarray, np.ndarray]] | None = None

    def of_epoch(self) -> tuple[np.ndarray, np.ndarray]:
        """All rows of the epoch, step after step.

        Returns:
            `(rows,)`, and where each step begins in it and the last one ends, `(steps + 1,)`.
        """
        now = (self.order.seed, self.order.epoch)
        kept = self._kept  # Several threads may ask.
        if kept is None or kept[0] != now:
            self._kept = kept = now, self._of_epoch()
        return kept[1]

    def of_step(self, step: int) -> np.ndarray:
        """The rows of a step of the epoch."""
        rows, starts = self.of_epoch()
        return rows[starts[step] : starts[step + 1]]

    def of_epoch_in_parts(self) -> tuple[np.ndarray, np.int64, np.int64]:
        """All rows of the epoch, and where its short batch begins and ends.

        An epoch has at most one, since it has no more steps than there are batches; one that has
        none gets an empty one at its end.
        """
        rows, starts = self.of_epoch()
        (short,) = np.nonzero(np.diff(starts) < self.batch_size)
        begin, end = starts[short[0] : short[0] + 2] if len(short) else starts[[-1, -1]]
        return rows, begin, end

    def _of_epoch(self) -> tuple[np.ndarray, np.ndarray]:
        batches = self.order.epoch * self.steps + np.arange(self.steps + 1)
        first, last = batches[0] // self.batches, batches[-2] // self.batches
        rows = np.concatenate([self._pass(number) for number in range(first, last + 1)])
        numbers, places = np.divmod(batches, self.batches)
        starts = (numbers - first) * self.rows + places * self.batch_size
        return rows[starts[0] : starts[-1]], starts - starts[0]

    def _pass(self, number: int) -> np.ndarray:
        rows = np.arange(self.rows)
        if self.shuffle:
            generator = np.random.default_rng([self.order.seed or 0, number])
            size = self.batch_size if self.shuffle == "batch" else max(self.rows, 1)
            for start in range(0, self.rows, size):
                generator.shuffle(rows[start : start + size])
        return rows
