"""A word where distillation is drowned out by a loss on another scale."""

import math
from collections.abc import Mapping
from typing import Any

import keras

from keras_mtkd._backend.warn import warn
from keras_mtkd.distillers.loss_trackers import distance_name, loss_name, term_name
from keras_mtkd.distillers.terms import Term
from keras_mtkd.losses.kinds import is_squared, kind_of

_FAR_APART = 1000.0
# Of what is almost learnt the gradient may well be small.
_LEARNT = 0.01


class DistillationShare(keras.callbacks.Callback):
    """Warns once, after an epoch, of distances that have less than a thousandth of the gradient.

    By the order of magnitude, from the logged means alone: losses of value `v` have a gradient of
    about `2 sqrt(v)`, and all but squared errors one of 2 at most. Weights are those that are
    fixed; a task loss of weight 0 counts with 1, since a schedule may have turned it off for now.

    `fit` of a distiller adds it by itself.
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.model._shares_seen:
            return
        self.model._shares_seen = True
        terms, told = self.model.wiring.terms, self.model.wiring.other_units or {}
        for term in terms:
            if term.task in told:
                continue  # Its teacher is to be brought to the units of the labels first.
            weight = self.model._given.task_weights.get(term.task, 1.0) or 1.0
            label = (logs or {}).get(loss_name(term.task))
            distance = _distance(term, terms, logs or {})
            if label is None or distance is None:
                continue
            ratio = _ratio(term, weight, self.model.task_losses[term.task], float(label), distance)
            if ratio > _FAR_APART:
                warn(
                    f"The loss of task '{term.task}' and distillation "
                    f"'{term.distillation.name}' are on different scales: by their values, "
                    f"{float(label):.3g} and {distance:.3g}, the gradient of the loss is about "
                    f"{ratio:.0e} times that of the distance, which teaches next to nothing. "
                    "Standardise the labels, raise the distillation's `weight`, or lower "
                    "`task_weights`.",
                )


def _distance(term: Term, terms: list[Term], logs: Mapping[str, Any]) -> float | None:
    """The mean of a term's distance, without its weight; `None` if it was off or not measured."""
    alone = sum(other.task == term.task for other in terms) == 1
    found = logs.get(distance_name(term.task) if alone else term_name(term))
    if not found or not term.weight or not math.isfinite(found):
        return None
    # The sum over a task's terms is weighted, the single ones are not.
    return float(found) / term.weight if alone else float(found)


def _ratio(term: Term, weight: float, loss: Any, label: float, distance: float) -> float:
    """How many times the gradient of the label's loss is that of the distance."""
    theirs = term.weight * _slope(term.distance, max(distance, _LEARNT))
    own = weight * _slope(loss, max(label, 0.0))
    return own / theirs if math.isfinite(own) else 0.0


def _slope(loss: Any, value: float) -> float:
    """About the gradient of a loss where it has a value."""
    bounded = kind_of(loss).predicts is not None and not is_squared(loss)
    return 2 * (min(math.sqrt(value), 1.0) if bounded else math.sqrt(value))
