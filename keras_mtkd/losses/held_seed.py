"""Random numbers for losses that are computed inside a branch of the graph."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import keras

from keras_mtkd._backend.types import Tensor


class HeldSeed(keras.random.SeedGenerator):
    """A seed generator that can be told to advance beforehand and then keep still."""

    _held: Tensor | None = None

    def next(self, ordered: bool = True) -> Tensor:
        """The seed that is held, or else a new one."""
        return super().next(ordered) if self._held is None else self._held


@contextmanager
def hold_seeds(seeds: Iterable[HeldSeed]) -> Iterator[None]:
    """Advance now and not inside: a branch of a JAX graph cannot hand on a generator's state."""
    seeds = list(seeds)
    for seed in seeds:
        seed._held = seed.next()
    try:
        yield
    finally:
        for seed in seeds:
            seed._held = None


def seeds_of(loss: Any) -> list[HeldSeed]:
    """The seeds of a loss and of the losses inside it."""
    found = []
    for value in vars(loss).values():
        if isinstance(value, HeldSeed):
            found.append(value)
        elif isinstance(value, keras.losses.Loss):
            found += seeds_of(value)
    return found
