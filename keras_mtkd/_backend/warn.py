"""Warnings that name a line of the user's."""

import inspect
import warnings
from types import FrameType

# Between the user's call and the place where something is found: no line of these says more.
_BETWEEN = (
    "keras_mtkd",
    "keras",
    "tensorflow",
    "jax",
    "torch",
    "keras_tuner",
    "contextlib",
    "functools",
    "concurrent",
    "multiprocessing",
    "threading",
)


def warn(message: str) -> None:
    """Warn, and name as the place the last line that is no framework's: the user's call.

    Callbacks and steps are called through Keras, as many calls deep as its release makes them, so
    that no `stacklevel` finds that line.

    Args:
        message: What is to be said.
    """
    calls = _calls(inspect.currentframe())[1:]
    # Where there are but frameworks, as in a thread of theirs, what warns.
    frame = next((each for each in calls if not _is_between(each)), calls[0])
    warnings.warn_explicit(
        message,
        UserWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
        frame.f_globals.get("__name__", "<unknown>"),
        frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _calls(frame: FrameType | None) -> list[FrameType]:
    """The calls that led to this one, the innermost first."""
    found = []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found


def _is_between(frame: FrameType) -> bool:
    # Code that TensorFlow rewrote has no name of a module that is known.
    name = str(frame.f_globals.get("__name__", ""))
    return name.split(".")[0] in _BETWEEN or "__autograph_generated" in frame.f_code.co_filename
