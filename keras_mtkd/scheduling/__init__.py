"""The arithmetic of sequential distillation: pure functions of matrices, queues and epochs.

Reconstructed from the abstract of Feng et al. (2024), since the paper could not be read: what the
abstract says, and what is a guess, stands with every function. `select_groups` and `loss_scales`
are of other sources, or this package's.
"""

from keras_mtkd.scheduling.adaptive import adaptive_starts
from keras_mtkd.scheduling.blocks import group_tasks
from keras_mtkd.scheduling.complexity import (
    complexity_from_losses,
    complexity_from_scores,
    student_excess,
    student_gap,
)
from keras_mtkd.scheduling.groups import select_groups
from keras_mtkd.scheduling.queue import distillation_queue
from keras_mtkd.scheduling.scales import loss_scales
from keras_mtkd.scheduling.stages import stage_starts, stage_weights

__all__ = [
    "adaptive_starts",
    "complexity_from_losses",
    "complexity_from_scores",
    "distillation_queue",
    "group_tasks",
    "loss_scales",
    "select_groups",
    "stage_starts",
    "stage_weights",
    "student_excess",
    "student_gap",
]
