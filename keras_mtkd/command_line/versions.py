"""What is installed and what would compute, known without importing it."""

import json
import os
from importlib import metadata
from pathlib import Path

from keras_mtkd._backend.version import __version__

# Builds of the next Keras have a name of their own.
_KERAS = ("keras", "keras-nightly")
_DEFAULT = "tensorflow"


def sentence() -> str:
    """Versions of this package and of Keras, and the backend."""
    return f"keras-mtkd {__version__} (Keras {keras_version()}, {backend()})"


def keras_version() -> str:
    """The version of Keras that is installed."""
    for name in _KERAS:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    return "not installed"


def backend() -> str:
    """The backend that Keras would take: from `KERAS_BACKEND`, its own settings, or its default."""
    return os.environ.get("KERAS_BACKEND") or _settings().get("backend", _DEFAULT)


def _settings() -> dict[str, str]:
    home = Path(os.environ.get("KERAS_HOME", Path("~", ".keras"))).expanduser()
    try:
        return dict(json.loads((home / "keras.json").read_text("utf-8")))
    except (OSError, ValueError):
        return {}
