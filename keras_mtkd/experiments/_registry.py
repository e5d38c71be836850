"""Methods of comparisons by name: every family enters its own, and this file knows none of them."""

from collections.abc import Mapping
from dataclasses import replace

from keras_mtkd.experiments.method import Method

METHODS: dict[str, Method] = {}
"""The methods that `compare` knows by name, `{name: method}`."""
METHOD_GROUPS: dict[str, tuple[str, ...]] = {}
"""One name for many, where names are given: `{name: names of methods}`."""


def register(methods: Mapping[str, Method], group: str | None = None) -> dict[str, Method]:
    """Let the methods of a family be known by names.

    Args:
        methods: `{name: method}`, in the order in which lists show them.
        group: One name for all of them.

    Returns:
        The methods, each with its name.
    """
    named = {name: replace(method, name=name) for name, method in methods.items()}
    METHODS.update(named)
    if group is not None:
        # By name, whichever family comes first.
        groups = sorted({**METHOD_GROUPS, group: tuple(named)}.items())
        METHOD_GROUPS.clear()
        METHOD_GROUPS.update(groups)
    return named
