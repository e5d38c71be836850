"""A method for objectives that are balanced in groups, or recorded."""

from collections.abc import Sequence

from keras_mtkd.balancing._hierarchical import Hierarchical, HierarchicalWeighting
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod
from keras_mtkd.balancing.aggregation.recorded import Recorded
from keras_mtkd.balancing.base import Method


def grouped(method: Method, groups: Sequence[Sequence[int]] | None, record: bool = False) -> Method:
    """The method within groups and between them, or itself if there are none.

    Args:
        method: The method.
        groups: Numbers of the objectives in each group, or `None`.
        record: Whether to record the gradients of all objectives.
    """
    if groups is not None:
        kind = Hierarchical if isinstance(method, GramMethod) else HierarchicalWeighting
        method = kind(method, groups)
    return Recorded(method) if record else method
