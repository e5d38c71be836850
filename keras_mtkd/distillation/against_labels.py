"""What speaks against a teacher by the first labels: other units, or the reverse of yes and no."""

from collections.abc import Callable, Mapping
from typing import Any

import keras

from keras_mtkd.distillation.first_answers import first_answers
from keras_mtkd.distillation.head import Head
from keras_mtkd.distillation.reversed_answers import ReversedAnswers, reversed_answers
from keras_mtkd.distillation.units import OtherUnits, other_units
from keras_mtkd.losses.kinds import REGRESSION


def against_labels(
    data: Any,
    losses: Mapping[str, keras.losses.Loss],
    heads: Mapping[str, Head],
    predict: Callable[[Any], Mapping[str, Any]],
) -> dict[str, OtherUnits | ReversedAnswers]:
    """The tasks whose teachers do not mean what the labels do, by the first samples of the data.

    Args:
        data: What `probe_batches` reads; of other data nothing is told.
        losses: `{task: loss}` of the tasks to look at.
        heads: `{task: head}`: what their teachers' predictions are.
        predict: From the inputs of a batch to what the teachers predict, `{task: predictions}`.
    """
    found: dict[str, OtherUnits | ReversedAnswers | None] = {}
    for task, (y, p, weight) in first_answers(data, losses, predict).items():
        if heads[task].kind == REGRESSION:
            found[task] = other_units(losses[task], y, p, weight)
        else:
            found[task] = reversed_answers(losses[task], y, p, weight, heads[task])
    return {task: amiss for task, amiss in found.items() if amiss is not None}
