"""Futures of executors that have their own."""

import threading
from concurrent.futures import Future

import pytest

from keras_mtkd.experiments.awaited import awaited


class Job:
    """As those of a cluster: they can be waited for, one by one, and called off."""

    def __init__(self):
        self._done = threading.Event()
        self.value = None
        self.cancelled = 0

    def end(self, value):
        self.value = value
        self._done.set()

    def result(self):
        self._done.wait(10)
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def cancel(self):
        self.cancelled += 1
        self.end(RuntimeError("never completed"))


def test_a_future_stays_what_it_is():
    future = Future()
    assert awaited(future) is future


def test_a_job_is_waited_for():
    good, bad = Job(), Job()
    futures = awaited(good), awaited(bad)
    assert not futures[0].done()
    good.end(3)
    bad.end(ValueError("no data"))
    assert futures[0].result(10) == 3
    assert repr(futures[1].exception(10)) == "ValueError('no data')"
    assert good.cancelled == 0


def test_a_job_is_called_off():
    job = Job()
    future = awaited(job)
    assert future.cancel()
    assert job.cancelled == 1


def test_something_else_is_refused():
    with pytest.raises(TypeError, match="must return a `concurrent.futures.Future`.*returned: int"):
        awaited(3)
