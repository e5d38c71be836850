"""Functions of the user's own: `module:function` or `file.py:function`."""

import contextlib
import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

# Of a traceback, so that the place and the reason are seen at once.
_CALLS = 3
_NOT_THEIRS = (__file__, importlib.__file__)


def is_own(given: str) -> bool:
    """Whether this is a module or a file with a function, and no name that the package knows."""
    return ":" in given or given.endswith(".py")


def check(given: str, what: str) -> None:
    """Look for the file or the module, without running it.

    Args:
        given: `module:function` or `file.py:function`.
        what: What the function makes, for messages: `"problem"`, `"teachers"`.

    Raises:
        ValueError: If a part is left out.
        FileNotFoundError: If there is no such file.
        ModuleNotFoundError: If there is no such module.
    """
    place, _ = _parts(given, what)
    if _is_file(place):
        if not Path(place).is_file():
            raise FileNotFoundError(f"There is no file '{place}'. Received: '{given}'.")
        return
    first = place.partition(".")[0]
    _look_first_in(Path.cwd())
    if importlib.util.find_spec(first) is None:
        raise ModuleNotFoundError(_no_module(first, given))


def call(given: str, what: str, **offered: Any) -> Any:
    """Call the function and give back what it makes.

    Modules are looked for in the current folder first, then where Python looks; beside a file, in
    its folder.

    Args:
        given: `module:function` or `file.py:function`.
        what: As above.
        **offered: What it may be called with. The first goes to its first argument, whatever that
            is called, the others to arguments of their names; what it does not take is left out.

    Raises:
        ValueError: If the function is not there, needs other arguments, or it or its module fails:
            then with the last lines of the traceback.
        FileNotFoundError: If there is no such file.
        ModuleNotFoundError: If there is no such module.
    """
    function = found(given, what)
    place, name = _parts(given, what)
    bound = _bound(function, name, offered)
    return _run(lambda: function(*bound.args, **bound.kwargs), f"`{name}` of '{place}' failed")


def takes(given: str, what: str, name: str) -> bool:
    """Whether the function has an argument of that name.

    Args:
        given: As above.
        what: As above.
        name: The argument.

    Raises:
        ValueError: As above, with the other errors.
    """
    return name in inspect.signature(found(given, what)).parameters


def found(given: str, what: str, kind: type | None = None) -> Any:
    """The function, or an object of a kind, from its module, which is run if it was not yet.

    Args:
        given: As above.
        what: As above.
        kind: What may be named besides functions.

    Raises:
        ValueError: As above, with the other errors.
    """
    check(given, what)
    place, name = _parts(given, what)
    module = _run(lambda: _imported(place, given), f"'{place}' cannot be imported")
    return _named(module, name, given, kind)


def _parts(given: str, what: str) -> tuple[str, str]:
    place, _, function = given.rpartition(":")
    if not place or not function.isidentifier():
        raise ValueError(
            f"Your own {what}: a module or a file, a colon and a function, as "
            f"`my_module:my_{what}` or `my_file.py:my_{what}`. Received: '{given}'."
        )
    return place, function


def _is_file(place: str) -> bool:
    return place.endswith(".py") or "/" in place or os.sep in place


def _look_first_in(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _no_module(name: str, given: str) -> str:
    return (
        f"There is no module '{name}' in '{Path.cwd()}' or where Python looks for modules. "
        f"Received: '{given}'."
    )


def _imported(place: str, given: str) -> ModuleType:
    if _is_file(place):
        return _imported_file(Path(place).resolve())
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        # It, or a package that it is in; what it imports itself is an error of its own.
        if error.name and f"{place}.".startswith(f"{error.name}."):
            raise _Missing(_no_module(error.name, given)) from error
        raise


def _imported_file(path: Path) -> ModuleType:
    """As `python path` finds it and what lies beside it, once for all of its functions."""
    _look_first_in(path.parent)
    for known in (path.stem, f"{path.stem}_of_{path.parent.name}"):
        if getattr(sys.modules.get(known), "__file__", None) == str(path):
            return sys.modules[known]
    # A name that something else has is left to it.
    name = path.stem if path.stem not in sys.modules else f"{path.stem}_of_{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _Missing(f"'{path}' is no file of Python: it must end in '.py'.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _named(module: ModuleType, name: str, given: str, kind: type | None) -> Any:
    thing, kinds = getattr(module, name, None), () if kind is None else (kind,)
    if not isinstance(thing, kinds) and not callable(thing):
        there = [
            key
            for key, value in vars(module).items()
            if isinstance(value, kinds) or _is_defined_in(module, value)
        ]
        wanted = "function" if kind is None else f"{kind.__name__} or function"
        had = f"It has {', '.join(there)}." if there else f"It has no {wanted}."
        what = f"is not a {wanted}" if hasattr(module, name) else "is not there"
        raise ValueError(f"`{name}` {what} in '{given.rpartition(':')[0]}'. {had}")
    return thing


def _bound(
    function: Callable[..., Any], name: str, offered: dict[str, Any]
) -> inspect.BoundArguments:
    """What it is called with."""
    signature = inspect.signature(function)
    first, *others = offered.items() or [("", None)]
    named = {key: value for key, value in others if key in signature.parameters}
    for arguments in ([first[1]], []) if offered else ([],):
        with contextlib.suppress(TypeError):
            return signature.bind(*arguments, **named)
    known = " and ".join(f"`{key}`" for key in offered)
    raise ValueError(
        f"`{name}` is called {f'with {known}' if known else 'without arguments'}, and needs "
        f"{'others' if known else 'some'}: {name}{signature}. Write a function that calls it with "
        "them."
    )


def _is_defined_in(module: ModuleType, value: object) -> bool:
    return inspect.isfunction(value) and value.__module__ == module.__name__


class _Missing(ModuleNotFoundError):
    """It is not there: said in words already."""


def _run(call: Callable[[], Any], what: str) -> Any:
    """What the user's own code gives; what it raises is shown where it was raised."""
    try:
        return call()
    except _Missing:
        raise
    except Exception as error:
        raise ValueError(f"{what}.\n\n{_last_lines(error)}") from error


def _last_lines(error: Exception) -> str:
    """The end of its traceback, without this file and Python's own importing."""
    told = traceback.TracebackException.from_exception(error)
    calls = [
        call
        for call in told.stack
        if call.filename not in _NOT_THEIRS and not call.filename.startswith("<frozen")
    ]
    told.stack = traceback.StackSummary.from_list(calls[-_CALLS:])
    return "".join(told.format(chain=False)).rstrip()
