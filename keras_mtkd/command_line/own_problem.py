"""A problem of the user's own, by the function that makes it."""

from typing import TYPE_CHECKING

from keras_mtkd.command_line import own_functions

if TYPE_CHECKING:
    from keras_mtkd.problem import Problem


def load(given: str) -> "Problem":
    """Call the function and give back the problem that it makes.

    Args:
        given: `module:function` or `file.py:function`, a function without arguments.

    Raises:
        ValueError: If it makes something else, or as `own_functions.call` does.
        OSError: As that does.
        ImportError: As that does.
    """
    from keras_mtkd.problem import Problem

    problem = own_functions.call(given, "problem")
    if not isinstance(problem, Problem):
        raise ValueError(
            f"`{given}` must return a `keras_mtkd.Problem`. It returned {type(problem).__name__}."
        )
    return problem
