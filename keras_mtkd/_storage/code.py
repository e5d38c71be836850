"""What functions and objects of a user's are: their code, and the values that it works with.

A loss of one's own has a name, and often no config that tells its arguments. It is the same as long
as its code and all values that the code reaches are; libraries count by names. Code is that of the
Python that runs: another release of Python compiles it otherwise.
"""

import dis
import functools
import hashlib
import inspect
import site
import sys
import sysconfig
import types
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.keras_compat import arguments_of

# What Keras puts into every object, and what says nothing of content.
_PASSED_OVER = ("name", "dtype", "_dtype_policy", "dtype_policy", "_auto_config", "__doc__")


def told(value: Any, within: tuple[int, ...] = ()) -> Any:
    """A function, an object or a value as JSON, without addresses and places in files.

    Args:
        value: What to tell.
        within: What is being told, so that circles end.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes) or hasattr(value, "__array__"):
        return _of_array(np.asarray(value))
    if id(value) in within:
        return "itself"
    return _of_object(value, (*within, id(value)))


def holds_users(value: Any) -> bool:
    """Whether a user wrote an object's class, or something that the object was given."""
    given = getattr(value, "__dict__", {}).values()
    return _is_users(type(value)) or any(_is_users(each) or _is_users(type(each)) for each in given)


def of_code(code: types.CodeType) -> str:
    """A hash of what compiled code does, wherever it stands and whatever is said of it."""
    done = [
        (each.opname, of_code(each.argval))
        if isinstance(each.argval, types.CodeType)
        else (each.opname, _constant(each.argval))
        for each in dis.get_instructions(code)
    ]
    more = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    arguments = (code.co_varnames[: code.co_argcount], more)
    return hashlib.sha256(repr((done, arguments)).encode()).hexdigest()[:16]


def _of_object(value: Any, within: tuple[int, ...]) -> Any:
    if isinstance(value, Mapping):
        return {str(key): told(each, within) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [told(each, within) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(str(told(each, within)) for each in value)
    if isinstance(value, functools.partial):
        return [told(part, within) for part in (value.func, value.args, value.keywords)]
    if isinstance(value, types.MethodType):
        return [told(part, within) for part in (value.__func__, value.__self__)]
    if (inner := _within_wrapper(value)) is not None:
        return told(inner, within)
    if isinstance(value, type):
        return _of_class(value, within)
    if isinstance(value, types.FunctionType):
        return _of_function(value, within) if _is_users(value) else _name(value)
    return _of_instance(value, within)


def _within_wrapper(value: Any) -> Any:
    """What decorators, those of JAX and TensorFlow too, have wrapped."""
    return getattr(value, "__wrapped__", None) or getattr(value, "python_function", None)


def _of_function(function: types.FunctionType, within: tuple[int, ...]) -> Any:
    code = function.__code__
    reached = {
        name: told(function.__globals__[name], within)
        for name in _names(code)
        if name in function.__globals__ and not _is_module(function.__globals__[name])
    }
    closed = {
        name: told(cell.cell_contents, within)
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True)
    }
    defaults = told([function.__defaults__, function.__kwdefaults__], within)
    return [of_code(code), defaults, closed, reached]


def _of_class(kind: type, within: tuple[int, ...]) -> Any:
    if not _is_users(kind):
        return _name(kind)
    bases = [_of_class(base, within) for base in kind.__bases__]
    methods = {
        name: told(getattr(each, "__func__", each), within)
        for name, each in sorted(vars(kind).items())
        if isinstance(each, types.FunctionType | staticmethod | classmethod)
    }
    values = {
        name: each
        for name, each in sorted(vars(kind).items())
        if isinstance(each, bool | int | float | str) and not name.startswith("__")
    }
    return [kind.__name__, bases, methods, values]


def _of_instance(value: Any, within: tuple[int, ...]) -> Any:
    if holds_users(value):
        given = {n: e for n, e in getattr(value, "__dict__", {}).items() if n not in _PASSED_OVER}
        return [_of_class(type(value), within), told(given, within)]
    if isinstance(value, keras.layers.Layer):
        # Its config has names of which Keras gives every new object another.
        return [_name(type(value)), told(value.get_weights(), within)]
    if hasattr(value, "get_config"):
        # Some losses of Keras 3.15 leave arguments out of their config.
        return [_name(type(value)), told([value.get_config(), arguments_of(value)], within)]
    return _name(type(value))


def _of_array(values: np.ndarray) -> Any:
    if values.dtype == object:
        return [str(each) for each in values.ravel()]
    content = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]
    return [list(values.shape), str(values.dtype), content]


def _constant(value: Any) -> str:
    # The order of a set of texts is another in every process.
    return str(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)


def _names(code: types.CodeType) -> Iterator[str]:
    """Names that code, and code within it, looks up."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from _names(each)


def _name(value: Any) -> str:
    name = getattr(value, "__qualname__", type(value).__name__)
    return f"{str(getattr(value, '__module__', '')).split('.')[0]}>{name}"


def _is_module(value: Any) -> bool:
    return isinstance(value, types.ModuleType)


def _is_users(value: Any) -> bool:
    """Whether a function, a class or a partial is written by the user, not in a library."""
    if isinstance(value, functools.partial):
        return True
    if isinstance(value, types.MethodType):
        return _is_users(value.__self__) or _is_users(type(value.__self__))
    if not isinstance(value, type | types.FunctionType):
        return False
    name = str(value.__module__)
    own = __name__.split(".")[0]
    if name.split(".")[0] in (own, "builtins") or _registered(value).startswith(f"{own}>"):
        return False
    file = getattr(sys.modules.get(name), "__file__", None)
    return file is None or not file.startswith(_libraries())


def _registered(value: Any) -> str:
    return str(keras.saving.get_registered_name(value))


@functools.cache
def _libraries() -> tuple[str, ...]:
    """Folders of what is installed."""
    paths = sysconfig.get_paths()
    found = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return tuple({*found, *site.getsitepackages(), site.getusersitepackages()})
