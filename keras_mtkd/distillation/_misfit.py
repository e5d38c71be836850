"""Why two features cannot be compared, and what makes them fit."""

from keras_mtkd._backend.types import Shape
from keras_mtkd._graph.shapes import differ

# By the number of axes between samples and channels.
_POOLED = {1: "GlobalAveragePooling1D", 2: "GlobalAveragePooling2D", 3: "GlobalAveragePooling3D"}


def misfit(student: Shape, teacher: Shape) -> str:
    """What differs between features, positions or channels, and how to mend it.

    Args:
        student: Shape of the student's side, adapted or not, `(batch, ..., channels)`.
        teacher: Shape of the teacher's side, likewise; one that differs.
    """
    here, there, channels = student[1:-1], teacher[1:-1], teacher[-1]
    if not differ(here, there):
        return (
            f"their channels differ, {student[-1]} and {channels}. Use adaptor='linear' or a layer "
            "that ends in the teacher's channels."
        )
    if not there and len(here) in _POOLED:
        return (
            "the teacher's is a vector, without the student's positions. Tap a vector of the "
            f"student, or average them: `adaptor=lambda: keras.Sequential([keras.layers."
            f"{_POOLED[len(here)]}(), keras.layers.Dense({channels})])`."
        )
    if not here and len(there) in _POOLED:
        return (
            "the student's is a vector, without the teacher's positions. Tap a vector of the "
            f"teacher, or average them: `projector=keras.layers.{_POOLED[len(there)]}()`, with an "
            f"adaptor that ends in {channels} channels."
        )
    return (
        f"their positions differ, {here} and {there}. Tap layers of the same resolution, or let "
        f"the adaptor end in the teacher's, {_resized(there, channels)}."
    )


def _resized(there: Shape, channels: int | None) -> str:
    if len(there) == 2 and None not in there:
        return (
            f"as `adaptor=lambda: keras.Sequential([keras.layers.Resizing({there[0]}, "
            f"{there[1]}), keras.layers.Conv2D({channels}, 1)])`"
        )
    return "by layers that pool or repeat positions, such as `AveragePooling1D` or `UpSampling1D`"
