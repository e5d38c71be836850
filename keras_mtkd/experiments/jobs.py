"""The order in which a comparison trains: first teachers, then the methods that need them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import Protocol, Self

from keras_mtkd.experiments.choosing import Choice, Choosing, Job
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.run import Result
from keras_mtkd.experiments.trainer import Trainer

Results = dict[tuple[str, int], Result]
Choices = dict[tuple[str, int], Choice]


class Pool(Protocol):
    """Trains what is asked for, until it is left."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, *others: object) -> None: ...

    def result(self, method: str, seed: int, epochs: int | None = None) -> Future[Result]:
        """What a method reaches with a seed, or in a trial of some epochs."""


class Here:
    """Trains in this process, at once.

    Args:
        trainer: Trains.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def result(self, method: str, seed: int, epochs: int | None = None) -> Future[Result]:
        """What a method reaches with a seed. What its training raises is raised here."""
        future: Future[Result] = Future()
        future.set_result(self._trainer.result(method, seed, epochs))
        return future


def train_all(
    pool: Pool,
    methods: Iterable[str],
    seeds: Sequence[int],
    choosing: Mapping[str, Callable[[int], Choosing]] | None = None,
) -> tuple[Results, Choices]:
    """Train single-task models, then everything else that a comparison asks for.

    Args:
        pool: Where. Its processes find each other's teachers in the directory.
        methods: Names of methods, without the single-task models.
        seeds: The seeds.
        choosing: `{name: from a seed to what asks for the trainings of a choice}`.

    Returns:
        `{(method, seed): result}`, single-task models included, and `{(name, seed): choice}`.

    Raises:
        ChildProcessError: If a process died.
        Exception: What a training raised.
    """
    names = list(methods)
    with pool:
        queue = _Queue(pool)
        choosers: list[_Chooser] = []
        # Teachers first: what comes after them keeps all processes busy until the end.
        for seed in seeds:
            queue.ask(Job(SINGLE, seed))
        for job in queue:
            if job.method == SINGLE:
                for name in names:
                    queue.ask(Job(name, job.seed))
                choosers += [
                    _Chooser(name, job.seed, begin(job.seed), queue)
                    for name, begin in (choosing or {}).items()
                ]
            for chooser in choosers:
                chooser.go_on()
    whole = {
        (job.method, job.seed): result
        for job, result in queue.results.items()
        if job.epochs is None
    }
    return whole, {(each.name, each.seed): each.choice for each in choosers if each.choice}


class _Queue:
    """Jobs, each asked for once; going through it gives those that are done, until all are."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._running: dict[Future[Result], Job] = {}
        self._asked: set[Job] = set()
        self.results: dict[Job, Result] = {}

    def ask(self, job: Job) -> None:
        if job not in self._asked:
            self._asked.add(job)
            self._running[self._pool.result(*job)] = job

    def __iter__(self) -> Iterator[Job]:
        while self._running:
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                job = self._running.pop(future)
                try:
                    self.results[job] = future.result()
                except BrokenExecutor as error:
                    raise ChildProcessError(
                        "A process that trained was killed, perhaps because memory ran out. What "
                        "had been finished is kept: run again, with fewer `workers`."
                    ) from error
                yield job


class _Chooser:
    """A choice under way.

    Attributes:
        choice: What was chosen, at the end.
    """

    choice: Choice | None = None

    def __init__(self, name: str, seed: int, choosing: Choosing, queue: _Queue) -> None:
        self.name, self.seed, self._choosing, self._queue = name, seed, choosing, queue
        self._ask(next(choosing))

    def go_on(self) -> None:
        """Ask for more once all is there that was asked for."""
        results = self._queue.results
        while self.choice is None and all(job in results for job in self._wanted):
            try:
                self._ask(self._choosing.send({job: results[job] for job in self._wanted}))
            except StopIteration as end:
                self.choice = end.value

    def _ask(self, wanted: list[Job]) -> None:
        self._wanted = wanted
        for job in wanted:
            self._queue.ask(job)
