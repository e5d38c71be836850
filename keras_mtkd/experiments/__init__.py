"""Comparing methods under equal conditions."""

from keras_mtkd.experiments.compare import compare
from keras_mtkd.experiments.comparison import Comparison
from keras_mtkd.experiments.evaluation import evaluate_tasks
from keras_mtkd.experiments.method import Method, Settings
from keras_mtkd.experiments.methods import METHOD_GROUPS, METHODS, known_methods
from keras_mtkd.experiments.recipes import recipe

__all__ = [
    "METHODS",
    "METHOD_GROUPS",
    "Comparison",
    "Method",
    "Settings",
    "compare",
    "evaluate_tasks",
    "known_methods",
    "recipe",
]
