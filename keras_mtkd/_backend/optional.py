"""Packages that only some features need."""

import importlib
import importlib.util
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
        raise ImportError(_missing(module, extra)) from error


def check_installed(module: str, extra: str) -> None:
    """Look for an optional package without importing it.

    Args:
        module: Name of the package.
        extra: The extra of this package that installs it.

    Raises:
        ImportError: Saying how to install it.
    """
    if importlib.util.find_spec(module) is None:
        raise ImportError(_missing(module, extra))


def _missing(module: str, extra: str) -> str:
    return (
        f"This needs {module.split('.')[0]}, which is not installed: "
        f"`pip install 'keras-mtkd[{extra}]'`."
    )
