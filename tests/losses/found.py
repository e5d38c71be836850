"""Public losses for which a contract has no row: what they are called and tried with."""

import inspect

from keras_mtkd import losses

COMMON = ("self", "reduction", "name", "dtype")


def own_arguments(kind):
    """`{name: parameter}` of the constructor, without those that all losses have."""
    parameters = inspect.signature(kind.__init__).parameters
    return {name: each for name, each in parameters.items() if name not in COMMON}


def found(rows, base=object):
    """Public losses of a base that need no arguments and are not among the rows."""
    public = [getattr(losses, name) for name in losses.__all__]
    kinds = [kind for kind in public if inspect.isclass(kind) and issubclass(kind, base)]
    return [kind for kind in kinds if kind not in rows and not needs_arguments(kind)]


def needs_arguments(kind):
    return any(each.default is each.empty for each in own_arguments(kind).values())


def other_arguments(kind):
    """A value that is not the default, for arguments that are numbers, switches or seeds.

    One that the loss refuses is left out, and so is an argument of another type: which values it
    takes is for a row to say.
    """
    taken = {}
    for name, parameter in own_arguments(kind).items():
        value = _other(name, parameter.default)
        try:
            if value is not None:
                kind(**{name: value})
                taken[name] = value
        except (TypeError, ValueError):
            continue
    return taken


def _other(name, default):
    if name == "seed":
        return 1
    if isinstance(default, bool):
        return not default
    if isinstance(default, int):
        # An axis stays one of channels or positions.
        return default + 1 if default >= 0 else default - 1
    if isinstance(default, float):
        return default / 2 if default else 0.5
    return None
