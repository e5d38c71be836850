"""Tests marked `extra("package", ...)` need packages that `make test` does not install.

There they are skipped, by the package's name. `make test-slow` installs all packages, runs them
and, with `--all-extras`, fails those whose package is missing.
"""

import importlib.util

import pytest


def add_option(parser):
    parser.addoption(
        "--all-extras", action="store_true", help="fail tests whose package is not installed"
    )


def skip_without_packages(item):
    wanted = [name for mark in item.iter_markers("extra") for name in mark.args]
    missing = ", ".join(name for name in wanted if importlib.util.find_spec(name) is None)
    if missing and item.config.getoption("--all-extras"):
        pytest.fail(f"needs {missing}", pytrace=False)
    if missing:
        pytest.skip(f"needs {missing}: see `make test-slow`")
