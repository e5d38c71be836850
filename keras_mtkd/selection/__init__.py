"""Choosing teachers of other label spaces by optimal transport, and samples by entropy.

Ranking by transport cost is published (Lu et al., 2022); the score and the stages of
`rank_teachers`, and `ground_cost`, are reconstructed.
"""

from typing import TYPE_CHECKING

from keras_mtkd._backend.renamed import renamed_names
from keras_mtkd.selection.costs import class_centres, ground_cost, teacher_cost
from keras_mtkd.selection.ranking import rank_teachers
from keras_mtkd.selection.samples import uncertain_samples

__all__ = [
    "class_centres",
    "ground_cost",
    "rank_teachers",
    "teacher_cost",
    "uncertain_samples",
]

# With `__getattr__`, type checkers would take any name to be there.
if not TYPE_CHECKING:
    _COLUMN = "Not public since 0.2. It is the column `{}` of `keras_mtkd.selection.rank_teachers`."
    __getattr__ = renamed_names(
        __name__,
        {
            "forced_cost": _COLUMN.format("cost"),
            "specification_distance": _COLUMN.format("specification"),
            "transport_regret": _COLUMN.format("score"),
        },
    )
