"""Names of labels and weights, against those of the heads.

Data may have labels that no head is for, as where a model learns one task of many. One that is
misspelt looks like that, and its head like one that is to learn from a teacher alone.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from keras_mtkd._backend.names import nearest
from keras_mtkd._backend.warn import warn
from keras_mtkd.losses.task_losses import check_labelled, labels_of

# Names of less are rather those of something else: "depth_mask" beside "depth" has 0.67, and
# "right_parity" beside "left_parity" 0.70.
_MISSPELT = 0.8
# What tells names apart that are else alike: numbers, and words of a letter or two.
_MARKS = re.compile(r"\d+|(?<![a-z])[a-z]{1,2}(?![a-z])")


def check_names(
    tasks: Sequence[str], y: Any, sample_weight: Any, taught: Collection[str] | None
) -> None:
    """Both checks that need no values, for steps on data that nobody could look at before."""
    check_label_names(tasks, y, sample_weight)
    check_taught(tasks, labels_of(y), taught)


def check_label_names(tasks: Sequence[str], y: Any, sample_weight: Any = None) -> None:
    """Refuse labels and weights of almost the name of a head that has none of its own.

    Args:
        tasks: The heads.
        y: `{task: labels}`.
        sample_weight: `{task: weights}`, or weights for all, which have no name.

    Raises:
        ValueError: Likewise.

    Examples:
        >>> check_label_names(["digit"], {"digit": [1], "digits": [2]})
        >>> check_label_names(["digit"], {"digits": [2]})
        Traceback (most recent call last):
            ...
        ValueError: There are labels for 'digits', which no head is called, ... mean 'digit'? ...
    """
    labels, weights = labels_of(y), labels_of(sample_weight)
    free = [task for task in tasks if task not in labels]
    for what, argument, names, heads in (
        ("labels", "y", [name for name in labels if name not in tasks], free),
        (
            "sample weights",
            "sample_weight",
            _weights_alone(tasks, labels, weights),
            [task for task in tasks if task in labels and task not in weights],
        ),
    ):
        for name in names:
            # "digit_2" is no mistake for "digit_1", nor "task_b" for "task_a".
            alike = [head for head in heads if _marks(head) == _marks(name)]
            near = nearest(str(name), alike, _MISSPELT)
            if near is not None:
                raise ValueError(
                    f"There are {what} for '{name}', which no head is called, and none for "
                    f"'{near}': did you mean '{near}'? The heads: {list(tasks)}. Rename them: "
                    f"`{argument}['{near}'] = {argument}.pop('{name}')`; leave '{name}' out if it "
                    "is something else."
                )


def check_taught(
    tasks: Sequence[str], labels: Collection[str], taught: Collection[str] | None
) -> None:
    """Refuse tasks that have nothing to learn from.

    Args:
        tasks: All tasks.
        labels: All names that have labels, those of no task too.
        taught: Those that need none; `None` if it is enough that one has some.

    Raises:
        ValueError: Naming the first task that has neither labels nor a teacher.
    """
    if taught is None:
        if any(task in labels for task in tasks):
            return
        others = f" Received labels for: {sorted(map(str, labels))}." if labels else ""
        raise ValueError(
            "There are no labels, so there is nothing to measure. Expected `{task: labels}` for "
            f"some of the tasks {list(tasks)}.{others}"
        )
    check_labelled(
        [task for task in tasks if task not in taught],
        labels,
        "and nothing teaches it",
        "For missing labels pass zeros with `sample_weight={task: 0}`, or distil the task from a "
        "teacher.",
    )


def tell_of_others(tasks: Sequence[str], y: Any, sample_weight: Any = None) -> None:
    """A word about labels and weights that nothing takes, where a head has none of its own."""
    labels, weights = labels_of(y), labels_of(sample_weight)
    free = [task for task in tasks if task not in labels]
    others = [name for name in labels if name not in tasks]
    if free and others:
        warn(
            f"The labels of {others} belong to no head and are left out; the heads {free} have no "
            "labels. Call labels as their head.",
        )
    free = [task for task in tasks if task in labels and task not in weights]
    others = _weights_alone(tasks, labels, weights)
    if free and others:
        warn(
            f"The sample weights of {others} belong to no labels and are left out; the labels of "
            f"{free} have none. Call weights as the labels that they weigh.",
        )


def _weights_alone(
    tasks: Sequence[str], labels: Mapping[str, Any], weights: Mapping[str, Any]
) -> list[str]:
    """Names of weights that neither a head nor any labels have."""
    return [name for name in weights if name not in tasks and name not in labels]


def _marks(name: Any) -> list[str]:
    return _MARKS.findall(str(name).casefold())
