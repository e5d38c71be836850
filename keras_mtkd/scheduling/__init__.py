"""The arithmetic of sequential distillation: pure functions of matrices, queues and epochs.

Reconstructed from the abstract of Feng et al. (2024), since the paper could not be read: what the
abstract says, and what is a guess, stands with every function. `select_groups` is of another
source.
"""

from typing import TYPE_CHECKING

from keras_mtkd._backend.renamed import renamed_names
from keras_mtkd.scheduling.blocks import group_tasks
from keras_mtkd.scheduling.complexity import (
    complexity_from_losses,
    complexity_from_scores,
    student_excess,
)
from keras_mtkd.scheduling.groups import select_groups
from keras_mtkd.scheduling.queue import distillation_queue
from keras_mtkd.scheduling.stages import stage_starts, stage_weights

__all__ = [
    "complexity_from_losses",
    "complexity_from_scores",
    "distillation_queue",
    "group_tasks",
    "select_groups",
    "stage_starts",
    "stage_weights",
    "student_excess",
]

# With `__getattr__`, type checkers would take any name to be there.
if not TYPE_CHECKING:
    __getattr__ = renamed_names(
        __name__,
        {
            "adaptive_starts": "Not public since 0.2. Use "
            '`keras_mtkd.callbacks.SequentialDistillation(stages="adaptive")`.',
            "loss_scales": "Not public since 0.2. Pass `loss_scale=` to "
            "`keras_mtkd.callbacks.SequentialDistillation`.",
            "student_gap": "Not public since 0.2. `keras_mtkd.plots.plot_gaps` draws it.",
        },
    )
