"""Packages that only some features need."""

import importlib
from types import ModuleType


def require(module: str, extra: str) -> ModuleType:
    """Import an optional package.

    Args:
        module: Name to import.
        extra: The extra of this package that installs it.

    Raises:
        ImportError: Saying how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"This needs {module.split('.')[0]}, which is not installed: "
            f"`pip install 'keras-mtkd[{extra}]'`."
        ) from error
