"""Pytest runs the notebooks; importing the scripts that they are made from would run them again.

Those that run on both backends run on JAX here, where a model that is trained again is not traced
again, and programs that were compiled once are kept. By themselves, and with
`KERAS_BACKEND` set, they run on the backend that is theirs.
"""

import os
from pathlib import Path

import pytest

collect_ignore_glob = ["*.py"]
BOTH_BACKENDS = ("1", "2", "3", "5")
_KEPT = Path(__file__).parents[1] / ".pytest_cache" / "jax"


@pytest.fixture(autouse=True)
def _backend(request, monkeypatch):
    if "KERAS_BACKEND" not in os.environ and request.node.name.startswith(BOTH_BACKENDS):
        monkeypatch.setenv("KERAS_BACKEND", "jax")
        monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(_KEPT))
