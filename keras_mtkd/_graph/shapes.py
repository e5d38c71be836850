"""Static shapes, of which some sizes are not known."""

from keras_mtkd._backend.types import Shape


def differ(one: Shape, other: Shape) -> bool:
    """Whether two static shapes cannot be equal; an unknown size matches any."""
    if len(one) != len(other):
        return True
    return any(None not in (a, b) and a != b for a, b in zip(one, other, strict=True))
