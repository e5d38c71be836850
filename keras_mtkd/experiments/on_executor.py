"""Trainings of a comparison wherever an executor takes them: other processes, other machines."""

import hashlib
import os
import pickle
import platform
import time
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Self

import keras

from keras_mtkd._backend import progress
from keras_mtkd.experiments.run import Result
from keras_mtkd.experiments.trainer import Trainer
from keras_mtkd.experiments.workers import Start

_IMPORTED_BY = os.getpid()
# Of this process: what was asked for last, and what trains it. Teachers of a seed stay in memory.
_known: dict[str, Trainer] = {}


@dataclass(frozen=True)
class Asker:
    """Who asks for a training: what does it must be another process on the same backend."""

    process: tuple[str, int]
    backend: str

    @classmethod
    def here(cls) -> Self:
        """This process."""
        return cls((platform.node(), os.getpid()), keras.backend.backend())

    def check(self) -> None:
        """Refuse to train where the result would be wrong, or would never come.

        Raises:
            RuntimeError: Likewise.
        """
        here = type(self).here()
        if here.process == self.process:
            raise RuntimeError(
                "`executor` runs threads of the process that compares, which would share Keras' "
                "random numbers and the current seed. Give one that runs processes, as "
                "`ProcessPoolExecutor(2, multiprocessing.get_context('spawn'))`."
            )
        if os.getpid() != _IMPORTED_BY:
            raise RuntimeError(
                "`executor` forks its processes, which neither TensorFlow nor JAX survives. Use "
                "`ProcessPoolExecutor(2, multiprocessing.get_context('spawn'))`."
            )
        if here.backend != self.backend:
            raise RuntimeError(
                f"A process of `executor` runs Keras on {here.backend}, the one that compares on "
                f"{self.backend}. Set `KERAS_BACKEND={self.backend}` where its processes begin."
            )


class OnExecutor:
    """Hands trainings to an executor and says when they are done.

    What the executor starts again after a loss finds in the directory what had been finished.

    Args:
        start: Makes the trainer. Can be pickled.
        executor: Runs functions elsewhere. It is not shut down here.
    """

    def __init__(self, start: Start, executor: Executor) -> None:
        self._start, self._executor = start, executor
        self._waiting: set[Future[Result]] = set()

    def __enter__(self) -> Self:
        return self

    def result(self, method: str, seed: int, epochs: int | None = None) -> Future[Result]:
        """What a method reaches with a seed, once somebody has found it out."""
        future = self._executor.submit(train, Asker.here(), self._start, method, seed, epochs)
        self._waiting.add(future)
        began, name, listener = time.perf_counter(), f"seed {seed}: {method}", progress.listener()

        def tell(done: Future[Result]) -> None:
            self._waiting.discard(done)
            if listener is not None and not done.cancelled() and done.exception() is None:
                listener(progress.Event("ends", name, 1.0, time.perf_counter() - began))

        future.add_done_callback(tell)
        return future

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # What runs cannot be stopped; what only waits would train for nobody.
        for future in list(self._waiting):
            future.cancel()


def train(asker: Asker, start: Start, method: str, seed: int, epochs: int | None = None) -> Result:
    """Train in this process, with what an earlier call for the same comparison has prepared.

    Args:
        asker: Who asks.
        start: Makes the trainer.
        method: Name of the method.
        seed: The seed.
        epochs: Epochs of a trial.

    Raises:
        RuntimeError: If the executor runs threads, forks, or is on another backend.
    """
    asker.check()
    asked = hashlib.sha256(pickle.dumps(start)).hexdigest()
    if asked not in _known:
        _known.clear()  # so that teachers of other comparisons leave the memory
        _known[asked] = start()
    return _known[asked].result(method, seed, epochs)
