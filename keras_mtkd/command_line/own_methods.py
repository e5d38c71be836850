"""Methods of the user's own among the names of others."""

import importlib.machinery
import pickle
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_mtkd.command_line import own_functions

if TYPE_CHECKING:
    from keras_mtkd.experiments import Method


def load_all(given: Iterable[str], workers: int = 1) -> "list[str | Method]":
    """Names as they are, and the methods of the user's own.

    Args:
        given: Names, `module:method` and `file.py:method`: a `Method`, or a function without
            arguments that returns one.
        workers: Processes that train.

    Raises:
        ValueError: If it is something else, or other processes cannot import its functions, or as
            `own_functions.call` does.
        OSError: As that does.
        ImportError: As that does.
    """
    return [_load(each, workers) if own_functions.is_own(each) else each for each in given]


def _load(given: str, workers: int) -> "Method":
    from keras_mtkd.experiments import Method

    found = own_functions.found(given, "method", Method)
    if not isinstance(found, Method):
        _check_takes_nothing(given, found)
        found = own_functions.call(given, "method")
    if not isinstance(found, Method):
        raise ValueError(
            f"`{given}` must be a `keras_mtkd.experiments.Method`, or a function that returns one. "
            f"It returned {type(found).__name__}."
        )
    if workers > 1:
        _check_importable(given)
        _check_functions(given, found)
    return found


def _check_takes_nothing(given: str, function: Any) -> None:
    """A word on ways of distilling that are in no method yet."""
    from keras_mtkd._backend.makers import misfit

    called = ("problem", "settings")
    if misfit(function, ()) is not None and misfit(function, called) is None:
        name = given.rpartition(":")[2]
        raise ValueError(
            f"`{given}` is a function of problem and settings, and must be a method: write "
            f"`my_method = keras_mtkd.experiments.Method('My method', {name})` below it and name "
            "`my_method`."
        )


def _check_functions(given: str, method: "Method") -> None:
    """Refuse functions that other processes cannot import."""
    try:
        pickle.dumps(method)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ValueError(
            f"With `--workers` the functions of `{given}` must be ones of a module or file, and no "
            f"lambda or inner function. Python says: {error}"
        ) from error


def _check_importable(given: str) -> None:
    """Refuse a file that other processes do not find by its name: they import its functions."""
    place = given.rpartition(":")[0]
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not place.endswith(".py") or file != str(Path(place).resolve()):
            continue
        spec = importlib.machinery.PathFinder.find_spec(name)
        if spec is None or spec.origin != file:
            raise ValueError(
                f"Something else is called '{Path(place).stem}', so that other processes do not "
                f"find the methods of '{place}'. Give the file another name, or leave out "
                "`--workers`."
            )
        return
