"""Pytest runs the notebooks; importing the scripts that they are made from would run them again.

Those that run on both backends run on JAX here, where a model that is trained again is not traced
again, and programs that were compiled once are kept. By themselves, and with
`KERAS_BACKEND` set, they run on the backend that is theirs.
"""

import os
from pathlib import Path

import pytest

collect_ignore_glob = ["*.py"]
BOTH_BACKENDS = ("1_", "2_", "3_", "5_", "8_", "9_", "10_", "11_")
_KEPT = Path(__file__).parents[1] / ".pytest_cache" / "jax"


# A fixture would not do: pytest has none for items that are no Python functions.
@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with pytest.MonkeyPatch.context() as patch:
        if "KERAS_BACKEND" not in os.environ and item.name.startswith(BOTH_BACKENDS):
            patch.setenv("KERAS_BACKEND", "jax")
            patch.setenv("JAX_COMPILATION_CACHE_DIR", str(_KEPT))
        return (yield)
