"""Callbacks of sequential cooperative distillation."""

from keras_mtkd.callbacks.sequential_distillation import SequentialDistillation
from keras_mtkd.callbacks.similarity_grouping import SimilarityGrouping

__all__ = ["SequentialDistillation", "SimilarityGrouping"]
