"""The methods of a comparison: those that have names, and those that a user gives."""

from collections.abc import Iterable
from dataclasses import replace

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import check_names, unknown
from keras_mtkd._backend.several import check_several
from keras_mtkd.experiments._registry import FAMILIES, METHOD_GROUPS, METHODS
from keras_mtkd.experiments.method import Method

# Families enter themselves, in the order in which lists show them.
# isort: off
import keras_mtkd.experiments.plain_methods
import keras_mtkd.experiments.automatic
import keras_mtkd.experiments.online_method
import keras_mtkd.experiments.scd_methods
import keras_mtkd.experiments.balancing_methods  # noqa: F401
# isort: on

SINGLE = "single"
_SINGLE_SUMMARY = "One model a task: the teachers, against which changes are measured."
# Beside the folders of methods there is one of this name.
_TEACHERS = "teachers"


def listed_methods(given: Iterable[str | Method]) -> list[str | Method]:
    """Names and methods in a list, from whatever can be gone through.

    Raises:
        TypeError: If it is one name or one method.
    """
    check_names("methods", given)
    check_several("methods", given, "`methods=[method]` for this one")
    return list(given)


@mtkd_export("keras_mtkd.experiments.known_methods")
def known_methods() -> list[str]:
    """Names of single methods that `compare` takes; it takes those of `METHOD_GROUPS` as well."""
    return [SINGLE, *METHODS]


def families() -> dict[str, dict[str, str]]:
    """All single methods under headings, `{heading: {name: summary}}`."""
    found = {
        heading: {name: METHODS[name].summary for name in names}
        for heading, names in FAMILIES.items()
        if names
    }
    # The first family is what the others are compared with.
    first = next(iter(found))
    return {**found, first: {SINGLE: _SINGLE_SUMMARY, **found[first]}}


def expand_methods(given: Iterable[str | Method]) -> dict[str, Method | None]:
    """What names and methods stand for, in order and each once, with groups spelled out.

    Args:
        given: Names of methods and of groups, and methods.

    Returns:
        `{name: method}`, with `None` for the single-task models.

    Raises:
        ValueError: If a name is not known (it tells those that are), or stands for two methods.
        TypeError: If something is neither a name nor a method, or all is one of them.
    """
    found: dict[str, Method | None] = {}
    for each in listed_methods(given):
        for name, method in _meant(each).items():
            if not _same(found.setdefault(name, method), method):
                raise ValueError(
                    f"Two methods are called '{name}'. Give one of them another `name`. Received: "
                    f"{', '.join(repr(one.title) for one in (found[name], method) if one)}."
                )
    return found


def _meant(given: str | Method) -> dict[str, Method | None]:
    if isinstance(given, Method):
        _check_name(given)
        return {given.name: given}
    if not isinstance(given, str):
        raise TypeError(
            "A method must be a name or a `keras_mtkd.experiments.Method`. "
            f"Received: {given!r} of type {type(given).__name__}."
        )
    known = [*known_methods(), *METHOD_GROUPS]
    if given not in known:
        raise ValueError(unknown("method", given, known))
    return {name: _known(name) for name in METHOD_GROUPS.get(given, (given,))}


def _known(name: str) -> Method | None:
    """The method of a name, which may have been put into `METHODS` by hand."""
    return replace(METHODS[name], name=name) if name in METHODS else None


def _check_name(method: Method) -> None:
    """Refuse a method under a name that stands for something else."""
    taken = [SINGLE, _TEACHERS, *METHOD_GROUPS]
    known = METHODS.get(method.name)
    if method.name in taken or (known and known.fingerprint() != method.fingerprint()):
        raise ValueError(
            f"'{method.name}' is the name of something else. Give the method '{method.title}' "
            "another `name`."
        )


def _same(one: Method | None, other: Method | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.title == other.title and one.fingerprint() == other.fingerprint()


def title_of(method: str) -> str:
    """The name of a known method in tables and pictures; another name as it is."""
    if method == SINGLE:
        return "Single"
    return METHODS[method].title if method in METHODS else method
