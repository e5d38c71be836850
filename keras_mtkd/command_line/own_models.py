"""Teachers and students of the user's own, by the functions that make them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from keras_mtkd.command_line import own_functions

if TYPE_CHECKING:
    import keras

    from keras_mtkd.problem import Problem


def teachers(given: str, problem: "Callable[[], Problem]", seed: int) -> "dict[str, keras.Model]":
    """The teachers of a seed.

    Args:
        given: `module:function` or `file.py:function`, a function from the problem, or of no
            argument, and from the seed if it has an argument `seed`, to `{task: model}`.
        problem: Gives the problem.
        seed: The seed.

    Raises:
        ValueError: If it makes something else, or as `own_functions.call` does.
        OSError: As that does.
        ImportError: As that does.
    """
    import keras

    made = own_functions.call(given, "teachers", problem=problem(), seed=seed)
    kind = _kind(made)
    if not isinstance(made, Mapping) or not all(isinstance(m, keras.Model) for m in made.values()):
        raise ValueError(
            f"`{given}` must return the teachers, `{{task: keras.Model}}`. It returned {kind}."
        )
    return dict(made)


def for_seeds(
    given: str, problem: "Callable[[], Problem]", workers: int
) -> "dict[str, keras.Model] | Callable[[int], dict[str, keras.Model]]":
    """What `compare` takes: the teachers of all seeds, or a function from the seed to them.

    In one process, a function that does not ask for the seed is called once.

    Args:
        given: As above.
        problem: As above; something that other processes can import if there are any.
        workers: Processes that train.

    Raises:
        ValueError: As above, with the other errors.
    """
    if workers == 1 and not own_functions.takes(given, "teachers", "seed"):
        return teachers(given, problem, 0)
    return partial(teachers, given, problem)


def student(given: str, problem: "Problem") -> "keras.Model":
    """A new student.

    Args:
        given: `module:function` or `file.py:function`, a function from the problem, or of no
            argument, to a new model.
        problem: The problem.

    Raises:
        ValueError: If it makes something else, or as `own_functions.call` does.
        OSError: As that does.
        ImportError: As that does.
    """
    import keras

    made = own_functions.call(given, "student", problem=problem)
    if not isinstance(made, keras.Model):
        raise ValueError(f"`{given}` must return a new `keras.Model`. It returned {_kind(made)}.")
    return made


def _kind(made: Any) -> str:
    if not isinstance(made, Mapping):
        return type(made).__name__
    return f"{{{', '.join(f'{key!r}: {type(value).__name__}' for key, value in made.items())}}}"
