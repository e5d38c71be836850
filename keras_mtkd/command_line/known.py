"""What can be known of a comparison's arguments before Keras is imported."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from keras_mtkd._backend.names import unknown
from keras_mtkd.command_line import catalogue, own_functions

_SPLITS = ("test", "validation")


def check_names(problem: str, path: Path | None, methods: Sequence[str]) -> None:
    """Refuse names that nothing has.

    A problem of one's own may bring methods: then they are looked up after it.

    Args:
        problem: A problem's name, or the user's own.
        path: The folder of its data.
        methods: Names of methods and groups, and methods of the user's own.

    Raises:
        ValueError: If one is not known; it tells those that are.
        OSError: If there is no such file.
        ImportError: If there is no such module.
    """
    for own in filter(own_functions.is_own, methods):
        own_functions.check(own, "method")
    if own_functions.is_own(problem):
        if path is not None:
            raise ValueError(
                "`--path` is for the package's own problems. Have the function of "
                f"'{problem}' say where its data is."
            )
        own_functions.check(problem, "problem")
        return
    known = catalogue.read()
    if problem not in known.problems:
        raise ValueError(unknown("problem", problem, known.problems))
    for name in methods:
        if not own_functions.is_own(name) and name not in known.names():
            raise ValueError(unknown("method", name, known.names()))


def check_functions(**given: str | None) -> None:
    """Refuse functions of the user's own whose file or module is not there.

    Args:
        **given: `module:function` or `file.py:function` by what it makes, or `None`.

    Raises:
        ValueError: If a part is left out.
        OSError: If there is no such file.
        ImportError: If there is no such module.
    """
    for what, function in given.items():
        if function is not None:
            own_functions.check(function, what)


def check_rates(rates: Mapping[str, float | None]) -> None:
    """Refuse rates that are not positive.

    Raises:
        ValueError: If one is given that is not.
    """
    for name, rate in rates.items():
        if rate is not None and not rate > 0:
            raise ValueError(f"`{name}` must be positive. Received: {rate}.")


def check_split(split: str) -> None:
    """Refuse data that nothing is measured on.

    Raises:
        ValueError: If it is neither test nor validation data.
    """
    if split not in _SPLITS:
        raise ValueError(f"`split` must be 'test' or 'validation'. Received: split={split!r}.")
