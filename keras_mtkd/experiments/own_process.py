"""A process that trains for one comparison and runs nothing else.

Keras takes the seeds of initialisers from Python's global random numbers, which `set_random_seed`
sets. Where others draw from them between that and the making of a model, the model is another one:
the worker of a cluster does, beside the training, to estimate sizes of objects. So nothing is
trained in a process that an executor runs, but in a child of it, started anew and not forked.
"""

import os
import pickle
import queue
import runpy
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Self, cast

import keras

from keras_mtkd._backend.optional import installed
from keras_mtkd.experiments.run import Result
from keras_mtkd.experiments.trainer import Trainer
from keras_mtkd.experiments.workers import keras_settings

# What is printed goes to the errors; answers alone go where the parent reads them.
_BEGIN = (
    "import os; answers = os.dup(1); os.dup2(2, 1); "
    "from keras_mtkd.experiments.own_process import answer; answer(answers)"
)


@dataclass(frozen=True)
class Work:
    """What makes a trainer in another process.

    Args:
        start: Makes it, pickled: the processes on the way need not be able to import it.
        backend: Keras' backend.
        settings: Keras' settings.
        main: The script whose functions are meant by those of `__main__`.
    """

    start: bytes
    backend: str
    settings: Mapping[str, Any]
    main: str | None = None

    @classmethod
    def of(cls, start: Callable[[], Trainer]) -> Self:
        """With this process' settings."""
        main = None
        if installed("cloudpickle"):
            # Functions of a script, or of a notebook, by what they do and not by their names.
            import cloudpickle

            packed = cloudpickle.dumps(start)
        else:
            packed = pickle.dumps(start)
            if b"__main__" in packed:
                main = getattr(sys.modules["__main__"], "__file__", None)
        return cls(packed, keras.backend.backend(), keras_settings(), main)

    def trainer(self) -> Trainer:
        """Makes the trainer, in a process that has begun for that."""
        for name, value in self.settings.items():
            getattr(keras.config, f"set_{name}")(value)
        if self.main is not None:
            # As `multiprocessing` does: what stands under `if __name__ == "__main__":` is left out.
            names = runpy.run_path(self.main, run_name="__mp_main__")
            sys.modules["__main__"].__dict__.update(names)
        return pickle.loads(self.start)()


class OwnProcess:
    """Trains in a child of this process, and keeps the teachers of a seed for the next time.

    It ends when it is told to, and when this process ends, however that does.

    Args:
        work: Makes its trainer.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        path = os.pathsep.join(each or os.getcwd() for each in sys.path)
        environment = {"KERAS_BACKEND": work.backend, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BEGIN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
        )
        self._questions = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)
        self._begun = False

    def result(self, method: str, seed: int, epochs: int | None = None) -> Result:
        """What a method reaches with a seed, or in a trial of some epochs.

        Raises:
            ChildProcessError: If the process was killed.
            Exception: What the training raised.
        """
        # What is raised here meanwhile, as by Ctrl-C, leaves a process that trains for nobody.
        try:
            if not self._begun:
                self._tell(self.work)
                self._begun = True
            self._tell((method, seed, epochs))
            done, value = pickle.loads(pickle.load(self._answers))
        except (EOFError, OSError) as error:
            status = self._process.wait()
            self.end()
            raise ChildProcessError(
                f"The process that trained ended with status {status}, perhaps because memory ran "
                "out; what it said stands with the errors of the executor's process. What had been "
                "finished is kept: run again, with fewer processes at a time."
            ) from error
        except BaseException:
            self.end()
            raise
        if not done:
            raise value
        return value

    @property
    def lives(self) -> bool:
        """Whether it can be asked again."""
        return self._process.poll() is None

    def _tell(self, what: Any) -> None:
        pickle.dump(pickle.dumps(what), self._questions)
        self._questions.flush()

    def end(self) -> None:
        """End it at once. Files are written whole or not at all."""
        self._process.kill()
        self._process.communicate()


def answer(answers: int) -> None:
    """Train what the parent asks for, until it is gone.

    Args:
        answers: Where answers are written, an open file's number.
    """
    # Ctrl-C, which all processes of a terminal get, is the parent's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, asked), daemon=True).start()
    with open(answers, "wb") as file:
        serve(asked, file)


def serve(asked: "queue.SimpleQueue[bytes | None]", answers: BinaryIO) -> None:
    """Train one after the other.

    Args:
        asked: The work, then method, seed and epochs of each training, pickled; after a `None`
            nothing is asked.
        answers: Whether it was done, and the result or what was raised, pickled twice, so that who
            reads them can tell an answer that is cut off from one that cannot be read.
    """
    trainer = None
    work: Work = pickle.loads(asked.get() or b"")
    for message in iter(asked.get, None):
        try:
            trainer = work.trainer() if trainer is None else trainer
            told = pickle.dumps((True, trainer.result(*pickle.loads(message))))
        except Exception as error:
            told = _packed(error)
        pickle.dump(told, answers)
        answers.flush()


def _read(stream: BinaryIO, asked: "queue.SimpleQueue[bytes | None]") -> None:
    """Put what the parent sends in a queue; when the parent is gone, end in the midst of all."""
    while True:
        try:
            asked.put(pickle.load(stream))
        except (EOFError, OSError, pickle.UnpicklingError):
            signal.raise_signal(signal.SIGTERM)


def _packed(error: Exception) -> bytes:
    text = "".join(traceback.format_exception(error))
    error.add_note(f"In the process that trained:\n{text}")
    try:
        packed = pickle.dumps((False, error))
        pickle.loads(packed)
    except Exception:
        # Some cannot be made again from what they hold.
        return pickle.dumps((False, RuntimeError(text)))
    return packed
