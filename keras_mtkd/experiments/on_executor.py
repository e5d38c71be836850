"""Trainings of a comparison wherever an executor takes them: other processes, other machines."""

import os
import threading
import time
from concurrent.futures import Executor, Future
from typing import Self

from keras_mtkd._backend import progress
from keras_mtkd.experiments.awaited import awaited
from keras_mtkd.experiments.own_process import OwnProcess, Work
from keras_mtkd.experiments.run import Result
from keras_mtkd.experiments.workers import Start

_IMPORTED_BY = os.getpid()
# Seconds after which a process that nobody asks for anything gives its memory back.
_PATIENCE = 60.0


class OnExecutor:
    """Hands trainings to an executor and says when they are done.

    What the executor starts again after a loss finds in the directory what had been finished.

    Args:
        start: Makes the trainer. Can be pickled.
        executor: Runs functions elsewhere. It is not shut down here.
    """

    def __init__(self, start: Start, executor: Executor) -> None:
        self._work, self._executor = Work.of(start), executor
        self._waiting: set[Future[Result]] = set()

    def __enter__(self) -> Self:
        return self

    def result(self, method: str, seed: int, epochs: int | None = None) -> Future[Result]:
        """What a method reaches with a seed, once somebody has found it out."""
        future = awaited(self._executor.submit(train, self._work, method, seed, epochs))
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


def train(work: Work, method: str, seed: int, epochs: int | None = None) -> Result:
    """Train in a child of this process, one that earlier calls for the same comparison have left.

    Args:
        work: Makes the trainer.
        method: Name of the method.
        seed: The seed.
        epochs: Epochs of a trial.

    Raises:
        RuntimeError: If the executor forks.
        ChildProcessError: If the process was killed.
        Exception: What the training raised.
    """
    if os.getpid() != _IMPORTED_BY:
        raise RuntimeError(
            "`executor` forks its processes, which neither TensorFlow nor JAX survives. Use "
            "`ProcessPoolExecutor(2, multiprocessing.get_context('spawn'))`."
        )
    process = _idle.take(work)
    try:
        return process.result(method, seed, epochs)
    finally:
        if process.lives:
            _idle.give_back(process)


class Idle:
    """Processes that wait for the next training of the comparison that was asked for last."""

    def __init__(self) -> None:
        # An executor may call from several threads: each has a process of its own meanwhile.
        self._lock = threading.Lock()
        self._processes: list[OwnProcess] = []
        self._patience: threading.Timer | None = None

    def take(self, work: Work) -> OwnProcess:
        """One that knows the work already, or a new one."""
        with self._lock:
            if self._patience is not None:
                self._patience.cancel()
            alike = [process for process in self._processes if process.work == work]
            for process in self._processes:
                if process not in alike:
                    process.end()  # teachers of other comparisons leave the memory
            self._processes = alike
            return alike.pop() if alike else OwnProcess(work)

    def give_back(self, process: OwnProcess) -> None:
        """Let one wait, for a while."""
        with self._lock:
            self._processes.append(process)
            self._patience = threading.Timer(_PATIENCE, self.end)
            self._patience.daemon = True
            self._patience.start()

    def end(self) -> None:
        """End those that wait."""
        with self._lock:
            for process in self._processes:
                process.end()
            self._processes = []


_idle = Idle()
