"""What an executor returns, as a future of the standard library.

Executors of clusters return jobs of their own, such as submitit's, which have `result` and `cancel`
but are nothing that `concurrent.futures.wait` can wait for.
"""

import contextlib
import threading
from concurrent.futures import Future, InvalidStateError
from typing import Any


def awaited(job: Any) -> Future[Any]:
    """The future that was given, or one that a thread completes.

    Args:
        job: What `submit` returned. Its `result` waits.

    Raises:
        TypeError: If it has no `result`.
    """
    if isinstance(job, Future):
        return job
    if not callable(getattr(job, "result", None)):
        raise TypeError(
            "`executor.submit` must return a `concurrent.futures.Future`, or something whose "
            f"`result()` waits for what was computed. It returned: {type(job).__name__}."
        )
    future: Future[Any] = Future()

    def wait() -> None:
        try:
            value = job.result()
        except BaseException as error:
            with contextlib.suppress(InvalidStateError):  # called off meanwhile
                future.set_exception(error)
        else:
            with contextlib.suppress(InvalidStateError):
                future.set_result(value)

    def call_off(done: Future[Any]) -> None:
        if done.cancelled() and hasattr(job, "cancel"):
            job.cancel()

    future.add_done_callback(call_off)
    threading.Thread(target=wait, daemon=True).start()
    return future
