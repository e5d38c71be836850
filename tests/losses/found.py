"""Public losses for which a contract has no row."""

import inspect

from arguments import needs_arguments

from keras_mtkd import losses


def found(rows, base=object):
    """Public losses of a base that need no arguments and are not among the rows."""
    public = [getattr(losses, name) for name in losses.__all__]
    kinds = [kind for kind in public if inspect.isclass(kind) and issubclass(kind, base)]
    return [kind for kind in kinds if kind not in rows and not needs_arguments(kind)]
