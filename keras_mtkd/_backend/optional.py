"""Packages that only some features need."""

import importlib
import importlib.util
import re
from importlib.metadata import PackageNotFoundError, requires
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


def installed(module: str) -> bool:
    """Whether a package is there, without importing it."""
    return importlib.util.find_spec(module) is not None


def check_installed(module: str, extra: str) -> None:
    """Look for an optional package without importing it.

    Args:
        module: Name of the package.
        extra: The extra of this package that installs it.

    Raises:
        ImportError: Saying how to install it.
    """
    if not installed(module):
        raise ImportError(_missing(module, extra))


def _missing(module: str, extra: str) -> str:
    packages = " ".join(f"'{package}'" for package in _packages(extra))
    return (
        f"This needs {module.split('.')[0]}, which is not installed. The extra '{extra}' of "
        f"keras-mtkd brings it: `pip install {packages}`."
    )


def _packages(extra: str) -> list[str]:
    """What an extra installs, from what is known of this installation.

    The name of this package is no answer: it is on no index yet.
    """
    marked = re.compile(r"(.+?)\s*;\s*extra\s*==\s*['\"](.+)['\"]")
    try:
        needed = requires("keras-mtkd") or []
    except PackageNotFoundError:
        needed = []
    found = [match for each in needed if (match := marked.fullmatch(each))]
    return [match[1] for match in found if match[2] == extra] or [f".[{extra}]"]
