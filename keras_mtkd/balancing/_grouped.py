"""A method for objectives that are balanced in groups, or recorded."""

from collections.abc import Sequence

from keras_mtkd.balancing._base import Method
from keras_mtkd.balancing.aggregation.gramian_base import GramMethod
from keras_mtkd.balancing.aggregation.recorded import Recorded
from keras_mtkd.balancing.aggregation.two_level import TwoLevel
from keras_mtkd.balancing.loss_weighting.two_level_weighting import TwoLevelWeighting


def grouped(method: Method, groups: Sequence[Sequence[int]] | None, record: bool = False) -> Method:
    """The method within groups and between them, or itself if there are none.

    Args:
        method: The method.
        groups: Numbers of the objectives in each group, or `None`.
        record: Whether to record the gradients of all objectives.
    """
    if groups is not None:
        two_level = TwoLevel if isinstance(method, GramMethod) else TwoLevelWeighting
        method = two_level(method, groups)
    return Recorded(method) if record else method
