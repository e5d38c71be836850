"""The package imports all of itself at once, but for its command, which answers before that."""

import itertools
import sys
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

# A launcher on Windows is an `.exe`, older ones start a script beside it.
_SCRIPTS = {"keras-mtkd", "keras-mtkd.exe", "keras-mtkd-script.py", "keras-mtkd-script.pyw"}
_imported: set[str] = set()


def is_command(package: str) -> bool:
    """Whether this process is `keras-mtkd` or `python -m` with the package, and not a child of one.

    Args:
        package: The package's name.
    """
    program = (getattr(sys, "argv", None) or [""])[0]
    started = sys.orig_argv
    if program == "-m":  # Until Python has found the module.
        return f"-m{package}" in started or ("-m", package) in itertools.pairwise(started)
    # A child process has the arguments of its parent, but was not started with them.
    return PurePath(program).name.lower() in _SCRIPTS and program in started


def imports_now(package: str) -> bool:
    """Whether the package, which is being imported, is to import everything: else on first use."""
    if package not in _imported and is_command(package):
        return False
    _imported.add(package)
    return True


def import_everything(package: str) -> None:
    """Have a package that waits import everything, which registers its classes for saving."""
    if package in _imported:
        return
    _imported.add(package)
    module = sys.modules[package]
    try:
        # Its file once more, in the same module: what it leaves out for the command comes now.
        module.__spec__.loader.exec_module(module)  # type: ignore[union-attr]
    except BaseException:
        _imported.discard(package)
        raise


def on_first_use(package: str, names: list[str]) -> Callable[[str], Any]:
    """A module's `__getattr__` that imports everything when a public name is asked for.

    Args:
        package: The package's name.
        names: Its public names.

    Returns:
        A function of the name, to its value.

    Examples:
        >>> on_first_use("keras_mtkd", ["Task"])("Tusk")
        Traceback (most recent call last):
        AttributeError: module 'keras_mtkd' has no attribute 'Tusk'
    """

    def missing(name: str) -> Any:
        if name in names and package not in _imported:
            import_everything(package)
            return getattr(sys.modules[package], name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return missing
