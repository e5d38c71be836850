"""One method under several values of a setting, as methods of their own."""

import itertools
from collections.abc import Iterable
from typing import Any

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import check_names
from keras_mtkd._backend.several import check_several
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import expand_methods, listed_methods


@mtkd_export("keras_mtkd.experiments.sweep")
def sweep(methods: str | Method | Iterable[str | Method], **values: Iterable[Any]) -> list[Method]:
    """Methods under every combination of values of some settings.

    They are methods like others: `compare` trains them with the same teachers, tables and reports
    show them by their values, and `Comparison.difference` compares them.

    Args:
        methods: Names of methods or groups, methods of one's own, or one of these.
        values: Values of a setting, `weight=(1, 3, 10)`, by the names of `Settings`.

    Returns:
        One method a combination, the last setting changing first. `"single"` is left out.

    Raises:
        TypeError: If the values of a setting are one.
        ValueError: If no setting is given, or one is not known or has a wrong value.

    Examples:
        >>> [method.name for method in sweep("mtlkd", weight=(1, 10))]
        ['mtlkd_weight-1', 'mtlkd_weight-10']
        >>> sweep("mtlkd", weight=(1, 10))[0].title
        'MTLKD, weight 1'
    """
    if not values:
        raise ValueError("`sweep` needs a setting with its values, as `weight=(1, 3, 10)`.")
    for name, given in values.items():
        check_names(name, given)
        check_several(name, given, f"`{name}=[...]`")
    listed = [methods] if isinstance(methods, str | Method) else methods
    found = expand_methods(listed_methods(listed)).values()
    return [
        method.varied(**dict(zip(values, combination, strict=True)))
        for method in found
        if method is not None
        for combination in itertools.product(*values.values())
    ]
