"""Comparing methods under equal conditions."""

from keras_mtkd.experiments._registry import METHOD_GROUPS, METHODS
from keras_mtkd.experiments.choose import Chosen, choose
from keras_mtkd.experiments.compare import compare
from keras_mtkd.experiments.comparison import Comparison
from keras_mtkd.experiments.evaluation import evaluate_tasks
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import known_methods
from keras_mtkd.experiments.recipes import recipe
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.experiments.sweep import sweep

__all__ = [
    "METHODS",
    "METHOD_GROUPS",
    "Chosen",
    "Comparison",
    "Method",
    "Settings",
    "choose",
    "compare",
    "evaluate_tasks",
    "known_methods",
    "recipe",
    "sweep",
]
