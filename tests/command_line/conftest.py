import pytest
from problems import tiny_problem

from keras_mtkd import datasets
from keras_mtkd.datasets import loading

TINY = loading.Entry(lambda path: tiny_problem(samples=16, batch=16), "Tiny.")


@pytest.fixture
def tiny(monkeypatch):
    """The digits are a problem of moments."""
    monkeypatch.setitem(loading.PROBLEMS, "digits", TINY)
    monkeypatch.setattr(datasets, "digits", lambda width: tiny_problem(samples=16, batch=16))


@pytest.fixture(scope="package")
def kept(tmp_path_factory):
    """One directory for all: what one command trained another one loads."""
    return tmp_path_factory.mktemp("runs")
