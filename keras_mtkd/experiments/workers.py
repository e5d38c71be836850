"""Processes of one machine that train for one comparison."""

import contextlib
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import Any, Self

import keras

from keras_mtkd._backend import progress
from keras_mtkd.experiments.run import Result
from keras_mtkd.experiments.trainer import Trainer

Start = Callable[[], Trainer]


class Workers:
    """A pool of processes, each with its share of the processor's cores.

    They are started anew and not forked, which neither TensorFlow nor JAX survives, and end with
    this process, however it ends.

    Args:
        start: Makes the trainer of a process. Can be pickled.
        number: Number of processes.
    """

    def __init__(self, start: Start, number: int) -> None:
        self._start, self._number = start, number

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._others = set(multiprocessing.active_children())
        self._events = context.Queue()
        cores = context.Queue()
        for share in _shares(self._number):
            cores.put(share)
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(_environment())
        self._stack.enter_context(_passed_on(self._events))
        given = (self._start, keras_settings(), self._events, cores)
        self._pool = ProcessPoolExecutor(self._number, context, _begin, given)
        return self

    def result(self, method: str, seed: int, epochs: int | None = None) -> Future[Result]:
        """What a method reaches with a seed, once a process has found it out."""
        with _deaf_to_ctrl_c():
            return self._pool.submit(_result, method, seed, epochs)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=True)
        if kind is not None:
            # Files are written whole or not at all, so that nothing is lost but what was begun.
            for process in set(multiprocessing.active_children()) - self._others:
                process.kill()
                process.join()
        self._stack.close()


def _shares(number: int) -> list[list[int] | None]:
    """The cores of every process; unknown on systems that do not tell."""
    if not hasattr(os, "sched_getaffinity"):
        return [None] * number
    cores = sorted(os.sched_getaffinity(0))
    return [cores[place::number] or cores for place in range(number)]


def keras_settings() -> dict[str, Any]:
    """Keras' settings that a process does not read from the environment."""
    config = keras.config
    return {
        "floatx": config.floatx(),
        "epsilon": config.epsilon(),
        "image_data_format": config.image_data_format(),
        "dtype_policy": config.dtype_policy().name,
    }


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """What new processes read before anything is imported."""
    with tempfile.TemporaryDirectory(prefix="keras_mtkd_") as folder:
        wanted = {"KERAS_BACKEND": keras.backend.backend()}
        if keras.backend.backend() == "jax":
            # What one process has compiled the others take, programs of small models too, for which
            # JAX would not write a file: it does from a second on.
            wanted["JAX_COMPILATION_CACHE_DIR"] = folder
            wanted["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.2"
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update({n: value for n, value in wanted.items() if n not in os.environ})
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)


@contextlib.contextmanager
def _passed_on(events: Any) -> Iterator[None]:
    """Tell who listens here what the processes tell."""
    listener = progress.listener()

    def pass_on() -> None:
        while (event := events.get()) is not None:
            if listener is not None:
                listener(event)

    thread = threading.Thread(target=pass_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        events.put(None)
        thread.join()


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes that begin here leave Ctrl-C, which all of a terminal get, to this process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# In a process: what trains there, or why it could not be made.
_trainer: Trainer | Exception


def _begin(start: Start, settings: dict[str, Any], events: Any, cores: Any) -> None:
    global _trainer
    _end_with_parent()
    share = cores.get()
    if share is not None:
        # Before anything is computed: backends take as many threads as there are cores then.
        os.sched_setaffinity(0, share)
    for name, value in settings.items():
        getattr(keras.config, f"set_{name}")(value)
    progress.listen(events.put)
    try:
        _trainer = start()
    except Exception as error:
        # Raised by the first training: a process that fails to begin says nothing of why.
        _trainer = error


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            wait([parent.sentinel])
            signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _result(method: str, seed: int, epochs: int | None) -> Result:
    if isinstance(_trainer, Exception):
        raise _trainer
    return _trainer.result(method, seed, epochs)
