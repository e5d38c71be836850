"""Logits or probabilities, by what a model answers, where neither its graph nor its loss tells."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_mtkd.losses.kinds import CLASS

# What rounding does to 0 and 1, and what rounding and smoothing do to the sum of classes.
_ROUNDED, _SUMMED = 1e-5, 0.05
# Probabilities that were scaled, or small logits: so close to 0 and 1 either may be meant.
_DOUBT = 0.1


def from_logits_seen(answers: Any, kind: str | None) -> bool | None:
    """Whether answers are logits.

    Probabilities are all within 0 and 1, and those of classes add up to 1.

    Args:
        answers: `(..., classes or answers)`; NaN do not count.
        kind: `"class"`, else they are yes/no answers.

    Returns:
        `None` where values tell nothing: there are none, or they are neither probabilities nor
        further than a tenth from 0 and 1.

    Examples:
        >>> from_logits_seen([[0.2], [0.9]], "binary"), from_logits_seen([[-3.0]], "binary")
        (False, True)
        >>> from_logits_seen([[0.2, 0.8]], "class"), from_logits_seen([[0.2, 0.2]], "class")
        (False, None)
    """
    values = np.asarray(answers, "float64")
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    least, most = known.min(), known.max()
    if least < -_DOUBT or most > 1.0 + _DOUBT:
        return True
    if least < -_ROUNDED or most > 1.0 + _ROUNDED:
        return None
    if kind != CLASS:
        return False
    sums = values.sum(axis=-1)
    return False if (np.abs(sums - 1.0)[~np.isnan(sums)] <= _SUMMED).all() else None


@dataclass(frozen=True)
class SeenForm:
    """What was found of a model whose graph and loss do not tell.

    Attributes:
        task: The task.
        kind: `"class"` or `"binary"`.
        takes_logits: Whether the task's loss takes logits.
        from_logits: What `from_logits_seen` said.
        values: How many answers were looked at; 0 of data that cannot be read beforehand.
    """

    task: str
    kind: str | None
    takes_logits: bool
    from_logits: bool | None
    values: int

    def warning(self) -> str | None:
        """What to tell, `None` where the answers are plainly what the loss takes."""
        if self.from_logits == self.takes_logits:
            return None
        taken, other = _name(self.takes_logits), _name(not self.takes_logits)
        if not self.values:
            found = (
                "The data can be read once alone, so its answers were not looked at: they are "
                f"taken for {taken}, as the loss takes them."
            )
        elif self.from_logits is None:
            found = (
                f"Its answers do not tell either ({self.values} were looked at): they are taken "
                f"for {taken}, as the loss takes them."
            )
        else:
            said = "go beyond 0 and 1" if self.from_logits else "are within 0 and 1"
            whole = " and add up to 1" if self.kind == CLASS and not self.from_logits else ""
            found = (
                f"Its answers {said}{whole} ({self.values} were looked at): they are taken for "
                f"{other}, and turned into {taken}, which the loss takes."
            )
        loss, last = (
            ("CategoricalCrossentropy", "softmax")
            if self.kind == CLASS
            else ("BinaryCrossentropy", "sigmoid")
        )
        return (
            f"Whether the model of task '{self.task}' gives logits or probabilities cannot be told "
            f"from its graph. {found} Make it plain: let the model end in logits or in "
            f"`keras.layers.Activation('{last}')`, or compile it with a loss that says so, "
            f"`model.compile(loss=keras.losses.{loss}(from_logits=False))`, or `True` for logits."
        )


def _name(from_logits: bool) -> str:
    return "logits" if from_logits else "probabilities"
