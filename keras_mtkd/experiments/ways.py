"""The ways of distilling that methods share."""

from typing import Any

import keras

from keras_mtkd.distillation import FeatureDistillation, LogitDistillation
from keras_mtkd.experiments.settings import Settings
from keras_mtkd.problem import Problem


def nothing(problem: Problem, settings: Settings) -> list[Any]:
    """No distillation."""
    return []


def features(
    problem: Problem, settings: Settings, use_sample_weight: bool | str = True
) -> list[Any]:
    """Feature distillation at the problem's taps."""
    penalty = settings.adaptor_weight_decay
    regularizer = keras.regularizers.L2(penalty / 2) if penalty else None
    return [
        FeatureDistillation(
            tap,
            weight=settings.weight,
            adaptor_regularizer=regularizer,
            use_sample_weight=use_sample_weight,
        )
        for tap in problem.taps
    ]


def logits(problem: Problem, settings: Settings, use_sample_weight: bool | str = True) -> list[Any]:
    """Distillation of predictions."""
    weight, temperature = settings.logit_weight, settings.temperature
    return [LogitDistillation(None, weight, temperature, use_sample_weight=use_sample_weight)]
