"""How predictions at other positions are brought to those of a student, as code."""

from keras_mtkd._backend.types import Shape


def positions_remedy(student: Shape, teacher: Shape, task: str) -> str:
    """What to put behind a teacher whose prediction has other positions; empty if nothing helps.

    Args:
        student: Shape of the student's prediction, `(batch, ..., channels)`.
        teacher: Shape of the teacher's.
        task: Their task.
    """
    here, there = student[1:-1], teacher[1:-1]
    if len(student) != len(teacher) or len(here) not in (1, 2) or here == there:
        return ""
    if student[-1] != teacher[-1] or None in (*here, *there):
        return ""
    layer = _layer(tuple(map(int, here)), tuple(map(int, there)))  # type: ignore[arg-type]
    if not layer:
        return ""
    return (
        " Put what brings it to the student's positions behind the teacher: `keras.Model(t.inputs,"
        f" keras.layers.{layer}(t.outputs[0]))`, of several outputs `t.output['{task}']`."
    )


def _layer(here: tuple[int, ...], there: tuple[int, ...]) -> str:
    """A layer from the positions of the teacher to those of the student."""
    if all(theirs % mine == 0 for mine, theirs in zip(here, there, strict=True)):
        return f"AveragePooling{len(here)}D({_ratio(there, here)})"
    if len(here) == 2:
        return f"Resizing({here[0]}, {here[1]})"
    return f"UpSampling1D({here[0] // there[0]})" if here[0] % there[0] == 0 else ""


def _ratio(larger: tuple[int, ...], smaller: tuple[int, ...]) -> str:
    ratio = tuple(one // other for one, other in zip(larger, smaller, strict=True))
    return str(ratio[0]) if len(set(ratio)) == 1 else str(ratio)
