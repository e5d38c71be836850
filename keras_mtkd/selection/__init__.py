"""Choosing teachers of other label spaces by optimal transport, and samples by entropy.

Ranking by transport cost is published (Lu et al., 2022); the score and the stages of
`rank_teachers`, `ground_cost` and `specification_distance` are reconstructed, `transport_regret` is
this package's.
"""

from keras_mtkd.selection.costs import class_centres, ground_cost, teacher_cost
from keras_mtkd.selection.ranking import (
    forced_cost,
    rank_teachers,
    specification_distance,
    transport_regret,
)
from keras_mtkd.selection.samples import uncertain_samples

__all__ = [
    "class_centres",
    "forced_cost",
    "ground_cost",
    "rank_teachers",
    "specification_distance",
    "teacher_cost",
    "transport_regret",
    "uncertain_samples",
]
