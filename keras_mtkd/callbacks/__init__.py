"""Callbacks: schedules, Reptile, Δ_MTL, gradients, backup, the best student, TensorBoard.

Reconstructed from abstracts: `SequentialDistillation`, `SimilarityGrouping`, `SequentialReptile`.
"""

from keras_mtkd.callbacks.anneal_distillation import AnnealDistillation
from keras_mtkd.callbacks.backup_and_restore import BackupAndRestore
from keras_mtkd.callbacks.delta_mtl import DeltaMTL
from keras_mtkd.callbacks.gradient_diagnostics import GradientDiagnostics
from keras_mtkd.callbacks.keep_best_student import KeepBestStudent
from keras_mtkd.callbacks.sequential_distillation import SequentialDistillation
from keras_mtkd.callbacks.sequential_reptile import SequentialReptile
from keras_mtkd.callbacks.similarity_grouping import SimilarityGrouping
from keras_mtkd.callbacks.tensorboard import TensorBoard

__all__ = [
    "AnnealDistillation",
    "BackupAndRestore",
    "DeltaMTL",
    "GradientDiagnostics",
    "KeepBestStudent",
    "SequentialDistillation",
    "SequentialReptile",
    "SimilarityGrouping",
    "TensorBoard",
]
