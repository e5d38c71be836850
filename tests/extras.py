"""Tests marked `extra("package", ...)` need packages that `make test` does not install.

There they are skipped, by the package's name. `make test-slow` installs all packages, runs them
and, with `--all-extras`, refuses to leave one out.
"""

import importlib.util

import pytest


def add_option(parser):
    parser.addoption(
        "--all-extras", action="store_true", help="stop if a test's package is not installed"
    )


def skip_what_is_missing(items, complete):
    for item in items:
        wanted = [name for mark in item.iter_markers("extra") for name in mark.args]
        missing = ", ".join(name for name in wanted if importlib.util.find_spec(name) is None)
        if missing and complete:
            raise pytest.UsageError(f"{item.nodeid} needs {missing}")
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"needs {missing}: see `make test-slow`"))
