"""The order in which a comparison trains: first teachers, then the methods that need them."""

from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import Protocol, Self

from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.trainer import Trainer
from keras_mtkd.experiments.trainings import Result

Results = dict[tuple[str, int], Result]


def one_after_the_other(trainer: Trainer, methods: Iterable[str], seeds: Iterable[int]) -> Results:
    """Train in this process.

    Args:
        trainer: Trains.
        methods: Names of methods, without the single-task models.
        seeds: The seeds.

    Returns:
        `{(method, seed): result}`, single-task models included.
    """
    results: Results = {}
    names = list(methods)
    for seed in seeds:
        for name in (SINGLE, *names):
            results[name, seed] = trainer.result(name, seed)
    return results


class Pool(Protocol):
    """Trains elsewhere what is asked for, until it is left."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, *others: object) -> None: ...

    def result(self, method: str, seed: int) -> Future[Result]:
        """What a method reaches with a seed."""


def side_by_side(pool: Pool, methods: Iterable[str], seeds: Sequence[int]) -> Results:
    """Train in several processes, which find each other's teachers in the directory.

    Args:
        pool: The processes.
        methods: As above.
        seeds: As above.

    Returns:
        As above.

    Raises:
        ChildProcessError: If a process died.
        Exception: What a training raised.
    """
    results: Results = {}
    names = list(methods)
    with pool:
        running: dict[Future[Result], tuple[str, int]] = {}
        # Teachers first: what comes after them keeps all processes busy until the end.
        for seed in seeds:
            running[pool.result(SINGLE, seed)] = SINGLE, seed
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                name, seed = running.pop(future)
                try:
                    results[name, seed] = future.result()
                except BrokenExecutor as error:
                    raise ChildProcessError(
                        "A process that trained was killed, perhaps because memory ran out. What "
                        "had been finished is kept: run again, with fewer `workers`."
                    ) from error
                for other in names if name == SINGLE else ():
                    running[pool.result(other, seed)] = other, seed
    return results
