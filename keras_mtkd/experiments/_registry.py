"""Methods of comparisons by name: every family enters its own, and this file knows none of them."""

from collections.abc import Mapping
from dataclasses import replace

from keras_mtkd.experiments.method import Method

METHODS: dict[str, Method] = {}
"""The methods that `compare` knows by name, `{name: method}`."""
METHOD_GROUPS: dict[str, tuple[str, ...]] = {}
"""One name for many, where names are given: `{name: names of methods}`."""
FAMILIES: dict[str, tuple[str, ...]] = {}
"""How lists show the methods: `{heading, which says what they are for: names of methods}`."""
OTHERS = "Others"


def register(
    methods: Mapping[str, Method], group: str | None = None, family: str = OTHERS
) -> dict[str, Method]:
    """Let the methods of a family be known by names.

    Args:
        methods: `{name: method}`, in the order in which lists show them.
        group: One name for all of them, and for those that are in it already.
        family: The heading under which lists show them: what they are, and what for.

    Returns:
        The methods, each with its name.
    """
    named = {name: replace(method, name=name) for name, method in methods.items()}
    METHODS.update(named)
    for heading, names in FAMILIES.items():
        FAMILIES[heading] = tuple(name for name in names if name not in named)
    FAMILIES[family] = (*FAMILIES.get(family, ()), *named)
    if group is not None:
        together = dict.fromkeys((*METHOD_GROUPS.get(group, ()), *named))
        # By name, whichever family comes first.
        groups = sorted({**METHOD_GROUPS, group: tuple(together)}.items())
        METHOD_GROUPS.clear()
        METHOD_GROUPS.update(groups)
    return named
