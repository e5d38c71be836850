"""Backbones of several sizes: a factor of what the layers before the shared feature have."""


def check_scale(scale: int) -> None:
    """Refuse what is no factor of a number of filters or units.

    Args:
        scale: The factor.

    Raises:
        ValueError: If it is no whole number from 1.
    """
    if isinstance(scale, bool) or int(scale) != scale or scale < 1:
        raise ValueError(f"`scale` must be a whole number from 1. Received: scale={scale!r}.")
