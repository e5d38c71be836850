"""How the tests run: several devices, few compilations, a budget of time for each.

Tests build many small models and take few steps with each, so that making a step costs more than
the step. On TensorFlow steps therefore run eagerly, but for tests marked `traced`; on JAX, which
always compiles, XLA leaves out what makes programs fast to run and slow to make, and compiled
programs are kept and shared by all processes of a run. `tests/test_compiled.py` checks for every
family that this changes no result.

Python looks for garbage in what a module's tests make, not in all that was imported and kept before
them; Keras Tuner asks for it at every trial.
"""

import contextlib
import gc
import importlib.metadata
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
gc.disable()  # Until tests run.

# Several devices on one processor, for tests of distribution. Must be said before JAX starts.
_DEVICES = 4
_FLAG = f"--xla_force_host_platform_device_count={_DEVICES}"
# What halves the time of a compilation. JAX and TensorFlow each bring an XLA, which ends a process
# for a flag that it does not know.
_QUICK = "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
_TENSORFLOW = ("tensorflow", "tensorflow-cpu", "tf-nightly", "tf-nightly-cpu")


def _release_of(*names):
    """Major and minor version of what is installed under one of these names."""
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return ".".join(importlib.metadata.version(name).split(".")[:2])
    return None


_JAX_KNOWS = _release_of("jax") == "0.10"
_BOTH_KNOW = _JAX_KNOWS and _release_of(*_TENSORFLOW) in (None, "2.21")
if _BOTH_KNOW:
    _FLAG = f"{_FLAG} {_QUICK}"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_FLAG}".strip()
# In the environment, so that processes which tests start have it too.
_JAX = {
    "JAX_COMPILATION_CACHE_DIR": str(HERE.parent / ".pytest_cache" / "jax"),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
}
for _name, _value in _JAX.items():
    os.environ.setdefault(_name, _value)


def _tell_jax_alone():
    """JAX reads flags once, when it looks for devices; what reads them later finds them gone."""
    import jax

    flags = os.environ["XLA_FLAGS"]
    os.environ["XLA_FLAGS"] = f"{flags} {_QUICK}"
    jax.devices()
    os.environ["XLA_FLAGS"] = flags


if _JAX_KNOWS and not _BOTH_KNOW and os.environ.get("KERAS_BACKEND") == "jax":
    _tell_jax_alone()

import pytest  # noqa: E402

sys.path.insert(0, str(HERE))

import budget  # noqa: E402
import extras  # noqa: E402
from browsers import browser  # noqa: E402, F401 - a fixture


def pytest_addoption(parser):
    budget.add_option(parser)
    extras.add_option(parser)


def pytest_configure(config):
    # It looks for who holds its generator, and no longer sees it.
    config.addinivalue_line("filterwarnings", "ignore:It looks like `register_random`")
    limit = config.getoption("--budget")
    if limit is not None:
        config.pluginmanager.register(budget.Budget(limit))


def pytest_sessionstart(session):
    # The process that hands tests to others runs none.
    if hasattr(session.config, "workerinput") or not session.config.getoption("numprocesses", 0):
        _prepare_tensorflow()


def pytest_collection_finish():
    _leave_alone_what_is_there()
    gc.enable()


def pytest_runtest_setup(item):
    extras.skip_without_packages(item)


def _prepare_tensorflow():
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0],
            [tf.config.LogicalDeviceConfiguration()] * _DEVICES,
        )
        tf.config.run_functions_eagerly(True)


def _leave_alone_what_is_there():
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def _garbage_of_this_module_alone():
    _leave_alone_what_is_there()


@pytest.fixture(autouse=True)
def _fixed_seed():
    import keras

    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(autouse=True)
def _traced_where_marked(request):
    import keras

    if keras.backend.backend() != "tensorflow" or not request.node.get_closest_marker("traced"):
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(False)
    yield
    tf.config.run_functions_eagerly(True)
