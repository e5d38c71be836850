"""Where a result was made."""

import importlib
import os
import platform
from collections import Counter
from pathlib import Path

import keras
import numpy as np

from keras_mtkd._backend.version import __version__


def environment() -> dict[str, str]:
    """Versions and machine, without anything that names a user or a host."""
    backend = keras.backend.backend()
    return {
        "keras_mtkd": __version__,
        "Keras": keras.__version__,
        "backend": f"{backend} {importlib.import_module(backend).__version__}",
        "NumPy": np.__version__,
        "Python": platform.python_version(),
        "system": platform.platform(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "devices": _devices(),
    }


def _processor() -> str:
    """The model's name where Linux tells it, else the architecture."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), platform.machine())


def _devices() -> str:
    if keras.backend.backend() not in ("jax", "tensorflow"):
        # Keras knows no devices of the others.
        return "not known"
    kinds = Counter(device.partition(":")[0] for device in keras.distribution.list_devices())
    return ", ".join(f"{count} × {kind}" for kind, count in kinds.items())
