"""Arguments of constructors, and other values for them than the defaults."""

import inspect

# What all losses take, and `self` of a constructor that is looked at by itself.
COMMON = ("self", "reduction", "name", "dtype")


def own_arguments(kind):
    """`{name: parameter}` of the constructor, without those that all have."""
    parameters = inspect.signature(kind).parameters
    return {name: each for name, each in parameters.items() if name not in COMMON}


def needs_arguments(kind):
    return any(each.default is each.empty for each in own_arguments(kind).values())


def other_arguments(kind):
    """A value that is not the default, for arguments that are numbers, switches or seeds.

    One that is refused is left out, and so is an argument of another type: which values it
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
