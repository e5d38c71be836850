"""Names: what every backend takes, and what was meant by an unknown one."""

import difflib
import re
from collections.abc import Iterable
from typing import Any


def valid_name(text: str) -> str:
    """A name for a layer or model: TensorFlow's scopes take ASCII letters, digits, `_`, `.`, `-`.

    Args:
        text: Any text, such as a title that a user gave.

    Returns:
        The text with an underscore for every other character, starting with a letter or digit.

    Examples:
        >>> valid_name("NYU v2 / 13 classes")
        'NYU_v2___13_classes'
        >>> valid_name("_draft")
        'n_draft'
    """
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", text)
    return name if re.match(r"[A-Za-z0-9]", name) else f"n{name}"


def valid_names(texts: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Names for layers or models made from texts, one each.

    Args:
        texts: Different texts, such as the tasks of a model.
        taken: Names that something else has.

    Returns:
        `{text: name}`, as `valid_name` but different for every text.

    Examples:
        >>> valid_names(["left digit", "left_digit", "sum"])
        {'left digit': 'left_digit', 'left_digit': 'left_digit_', 'sum': 'sum'}
    """
    names: dict[str, str] = {}
    others = set(taken)
    for text in texts:
        name = valid_name(text)
        while name in others or name in names.values():
            name += "_"
        names[text] = name
    return names


def check_names(argument: str, given: Any, instead: str = "") -> None:
    """Refuse one text where several names are meant: its letters would be taken for names.

    Args:
        argument: Name of the argument.
        given: What came.
        instead: What it may be besides, in words.

    Raises:
        TypeError: If it is a text.

    Examples:
        >>> check_names("tasks", ["kind"])
        >>> check_names("tasks", "kind")
        Traceback (most recent call last):
            ...
        TypeError: `tasks` must be several names, such as a list. Received: tasks='kind'. Pass ...
    """
    if isinstance(given, str):
        raise TypeError(
            f"`{argument}` must be several names, such as a list{instead and f', or {instead}'}. "
            f"Received: {argument}={given!r}. Pass [{given!r}] for this one."
        )


def nearest(name: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The known name that is most like another one, small letters or capital; `None` if none is.

    Args:
        name: What came.
        known: All names.
        alike: How much alike they have to be, from 0 to 1: `difflib.SequenceMatcher.ratio`.

    Examples:
        >>> nearest("Digits", ["digit", "place"])
        'digit'
        >>> nearest("clothes", ["digit", "place"]) is None
        True
    """
    folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=alike)
    return folded[near[0]] if near else None


def unknown_task(given: str, task: Any, tasks: Iterable[str]) -> str:
    """The message for the name of a task that the student does not have, with the nearest one.

    Args:
        given: What names it, with a verb.
        task: What came.
        tasks: The student's tasks.

    Examples:
        >>> unknown_task("It names", "digits", ["digit"])
        "It names 'digits', which the student does not have. Did you mean 'digit'? Its tasks: ...
    """
    tasks = list(tasks)
    near = nearest(str(task), tasks)
    guess = f"Did you mean '{near}'? " if near else ""
    return f"{given} '{task}', which the student does not have. {guess}Its tasks: {tasks}."


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that is none of the known ones, with the nearest of them.

    Args:
        kind: What is named, in a word.
        name: What came.
        known: All names.

    Examples:
        >>> unknown("method", "mtkld", ["single", "mtlkd"])
        "There is no method 'mtkld'. Did you mean 'mtlkd'? Known: single, mtlkd."
    """
    known = list(known)
    near = nearest(name, known)
    guess = f"Did you mean '{near}'? " if near else ""
    return f"There is no {kind} '{name}'. {guess}Known: {', '.join(known)}."
