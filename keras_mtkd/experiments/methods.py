"""The methods that can be compared, by name."""

from collections.abc import Iterable

from keras_mtkd._backend.names import unknown
from keras_mtkd.experiments._registry import METHOD_GROUPS, METHODS

# Families enter themselves, in the order in which lists show them.
# isort: off
import keras_mtkd.experiments.plain_methods
import keras_mtkd.experiments.online_method
import keras_mtkd.experiments.scd_methods
import keras_mtkd.experiments.balancing_methods  # noqa: F401
# isort: on

SINGLE = "single"
SINGLE_SUMMARY = "One model a task: the teachers, against which changes are measured."


def known_methods() -> list[str]:
    """Names of single methods that `compare` takes; it takes those of `METHOD_GROUPS` as well."""
    return [SINGLE, *METHODS]


def expand_methods(names: Iterable[str]) -> list[str]:
    """Names of methods, in order and each once, with groups spelled out.

    Raises:
        ValueError: If a name is not known; it tells those that are.
    """
    known = [*known_methods(), *METHOD_GROUPS]
    found: dict[str, None] = {}
    for name in names:
        if name not in known:
            raise ValueError(unknown("method", name, known))
        found |= dict.fromkeys(METHOD_GROUPS.get(name, (name,)))
    return list(found)


def title_of(method: str) -> str:
    """The name of a method in tables and pictures."""
    return METHODS[method].title if method in METHODS else "Single"
