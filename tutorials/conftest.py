"""Pytest runs the notebooks; importing the scripts that they are made from would run them again.

Those that run on both backends run on JAX here, where a model that is trained again is not traced
again, and programs that were compiled once are kept; but not one with depthwise convolutions, which
take JAX several times as long on a CPU. By themselves, and with `KERAS_BACKEND` set, they run on
the backend that is theirs.
"""

import os
from pathlib import Path

import pytest

collect_ignore_glob = ["*.py"]
BOTH_BACKENDS = ("1_", "2_", "3_", "5_", "8_", "9_", "10_", "11_")
_SLOW_ON_JAX = ("3_",)
_KEPT = Path(__file__).parents[1] / ".pytest_cache" / "jax"


# A fixture would not do: pytest has none for items that are no Python functions.
@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with pytest.MonkeyPatch.context() as patch:
        on_jax = item.name.startswith(BOTH_BACKENDS) and not item.name.startswith(_SLOW_ON_JAX)
        if "KERAS_BACKEND" not in os.environ and on_jax:
            patch.setenv("KERAS_BACKEND", "jax")
            patch.setenv("JAX_COMPILATION_CACHE_DIR", str(_KEPT))
        return (yield)
