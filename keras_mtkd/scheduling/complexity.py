"""How hard a task is, by a performance indicator."""

from collections.abc import Mapping

from keras_mtkd._backend.export import mtkd_export

_LEAST = 1e-6


@mtkd_export("keras_mtkd.scheduling.complexity_from_scores")
def complexity_from_scores(scores: Mapping[str, float]) -> dict[str, float]:
    """`1 - score` of teachers whose scores lie in (0, 1], such as accuracies.

    Args:
        scores: `{task: score}`, higher is better.

    Returns:
        `{task: complexity}` in [0, 1).

    Raises:
        ValueError: If a score is not in (0, 1].

    Source: reconstructed, after the key performance indicator of dynamic task prioritization
    (Guo et al., 2018): difficulty falls as performance rises.
    """
    for task, score in scores.items():
        if not 0.0 < score <= 1.0:
            raise ValueError(
                f"The score of '{task}' must lie in (0, 1]. Received: {score}. "
                "For errors and unbounded scores use `complexity_from_losses`."
            )
    return {task: 1.0 - score for task, score in scores.items()}


@mtkd_export("keras_mtkd.scheduling.complexity_from_losses")
def complexity_from_losses(
    final: Mapping[str, float], initial: Mapping[str, float]
) -> dict[str, float]:
    """`final / initial` loss, clipped to [0, 1]: the share of the loss that training left.

    It has no unit, so it compares tasks with different losses.

    Args:
        final: `{task: loss}` of the trained teachers.
        initial: `{task: loss}` of an untrained model on the same data.

    Returns:
        `{task: complexity}`.

    Raises:
        ValueError: If a task has no initial loss or a loss is negative.

    Source: reconstructed.
    """
    result = {}
    for task, loss in final.items():
        if task not in initial:
            raise ValueError(f"Task '{task}' has no initial loss. Received: {sorted(initial)}.")
        if loss < 0 or initial[task] < 0:
            raise ValueError(
                f"Losses must not be negative. Received for '{task}': final {loss}, "
                f"initial {initial[task]}. Pass `complexity` yourself."
            )
        result[task] = min(loss / max(initial[task], _LEAST), 1.0)
    return result


def student_gap(student: Mapping[str, float], teacher: Mapping[str, float]) -> dict[str, float]:
    """How far the student still is from its teachers: `max(0, 1 - teacher / student)` of losses.

    Args:
        student: `{task: loss}` of the student.
        teacher: `{task: loss}` of the teachers on the same data.

    Returns:
        `{task: gap}` in [0, 1]; 0 once the student is as good.

    Source: this package's, beyond the paper.
    """
    return {
        task: max(0.0, loss - teacher[task]) / max(loss, _LEAST)
        for task, loss in student.items()
        if task in teacher
    }


@mtkd_export("keras_mtkd.scheduling.student_excess")
def student_excess(
    student: Mapping[str, float], teacher: Mapping[str, float], constant: Mapping[str, float]
) -> dict[str, float]:
    """What the student loses against its teachers: `(student - teacher) / constant` of losses.

    Losses have no common unit; that of a constant prediction is what there is to learn. Clipped
    to [0, 1].

    Args:
        student: `{task: loss}` of the student.
        teacher: `{task: loss}` of the teachers on the same data.
        constant: `{task: loss}` of a constant prediction on the same data.

    Returns:
        `{task: excess}`; 0 once the student is as good.

    Source: this package's, beyond the paper.
    """
    return {
        task: min(max(student[task] - loss, 0.0) / max(constant[task], _LEAST), 1.0)
        for task, loss in teacher.items()
    }
