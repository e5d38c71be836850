import os
import sys
from pathlib import Path

# Several devices on one processor, for tests of distribution. Must be said before JAX starts.
_DEVICES = 4
_FLAG = f"--xla_force_host_platform_device_count={_DEVICES}"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_FLAG}".strip()

import keras  # noqa: E402
import pytest  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0],
        [tf.config.LogicalDeviceConfiguration()] * _DEVICES,
    )


if keras.backend.backend() == "jax":
    import jax

    # Tests compile the same small programs again and again. A folder a process: JAX does not write
    # its files in one step.
    _KEPT = Path(__file__).parents[1] / ".pytest_cache" / "jax"
    _WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
    jax.config.update("jax_compilation_cache_dir", str(_KEPT / _WORKER))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@pytest.fixture(autouse=True)
def _fixed_seed():
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")
