"""Whether a teacher of yes/no answers, or of two classes, says the reverse of the labels."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtkd.distillation.first_answers import known_positions
from keras_mtkd.distillation.head import Head
from keras_mtkd.distillation.seen_form import from_logits_seen
from keras_mtkd.losses.kinds import BINARY, CLASS

# Of each class so many samples, or nothing is told.
_FEWEST = 8
# The share of pairs in which a yes of the labels is above a no: a half for a teacher that knows
# nothing, of which something is told once in two thousand times at most.
_BELOW, _CHANCE = 0.3, 5e-4


@dataclass(frozen=True)
class ReversedAnswers:
    """How clearly a teacher's answers go against the labels.

    Attributes:
        agree: The share of its answers that agree with the labels.
        above: The share of pairs of a yes and a no by the labels in which it ranks the yes higher.
        samples: How many were looked at.
        from_logits: Whether its answers are logits; `None` for two classes.
        which: The answers that are reversed, where a head gives several and not all are.
    """

    agree: float
    above: float
    samples: int
    from_logits: bool | None
    which: tuple[int, ...] = ()

    def warning(self, task: str) -> str:
        """What to tell of the teacher of a task."""
        some = f"answers {list(self.which)}" if self.which else "answers"
        if self.from_logits is None:
            mend = "`keras.Model(t.inputs, keras.ops.flip(t.outputs[0], axis=-1))`"
        elif self.from_logits:
            mend = "`keras.Model(t.inputs, -t.outputs[0])`"
        else:
            mend = (
                "`t = keras.Model(t.inputs, 1.0 - t.outputs[0])`, with "
                "`t.compile(loss=keras.losses.BinaryCrossentropy())`, which says that these are "
                "probabilities"
            )
        return (
            f"The teacher of '{task}' seems to say the reverse of the labels: {self.agree:.0%} of "
            f"its {some} agree with them (the first {self.samples} samples), and in "
            f"{self.above:.0%} of all pairs it ranks a yes above a no. Its student would learn "
            "that. See whether 0 and 1 mean the same in the labels that it was trained with and in "
            f"these. If not, turn its {some} round: {mend}."
        )


def may_be_reversed(head: Head, size: int | None) -> bool:
    """Whether a head is of yes/no answers, or of two classes.

    Args:
        head: The head.
        size: The last axis of its predictions.
    """
    return head.kind == BINARY or (head.kind == CLASS and size == 2 and head.axis == -1)


def reversed_answers(
    loss: keras.losses.Loss, labels: Any, predictions: Any, weight: Any, head: Head
) -> ReversedAnswers | None:
    """Whether a teacher's answers clearly go against the labels, by their ranks.

    Args:
        loss: The loss of the task.
        labels: `(samples, ...)`, for yes/no 1 and 0.
        predictions: The teacher's, `(samples, ..., answers)`, or of two classes.
        weight: Weights of samples or positions; those of 0 have no label.
        head: What the predictions are; where it does not say whether logits, they do themselves.

    Returns:
        How clearly, or `None` if they do not or it cannot be told: of more than two classes, or
        fewer than 8 samples with a yes or with a no.
    """
    y, p = (ops.convert_to_numpy(each).astype("float64") for each in (labels, predictions))
    if not may_be_reversed(head, p.shape[-1]):
        return None
    known, from_logits = known_positions(loss, labels, predictions, weight), head.from_logits
    if head.kind == CLASS:
        y = y[..., 1] - y[..., 0] > 0 if y.shape == p.shape else y.reshape(p.shape[:-1])
        p, y, from_logits = (p[..., 1] - p[..., 0])[..., None], np.asarray(y)[..., None], None
    elif from_logits is None:
        from_logits = from_logits_seen(p, head.kind) is not False
    if y.size != p.size:
        return None
    y = y.reshape(len(p), -1, p.shape[-1] if p.ndim > 1 else 1)
    p = p.reshape(y.shape)
    known = known.reshape(len(p), -1)[..., None] & np.isfinite(p) & np.isfinite(y)
    y = y > 0.5
    answers = range(p.shape[-1])
    above = {k: _above(y[..., k], p[..., k], known[..., k], len(answers)) for k in answers}
    which = [k for k, share in above.items() if share is not None]
    if not which:
        return None
    right = (p > (0.5 if from_logits is False else 0.0)) == y
    return ReversedAnswers(
        float(right[..., which].mean(where=known[..., which])),
        float(np.mean([above[k] for k in which])),
        int(known.any(axis=(1, 2)).sum()),
        from_logits,
        tuple(which) if len(which) < len(answers) else (),
    )


def _above(y: np.ndarray, p: np.ndarray, known: np.ndarray, tried: int) -> float | None:
    """The share of pairs in which a yes is above a no, `None` if it may be chance.

    Args:
        y: `(samples, positions)`, whether the label is a yes.
        p: The answers, likewise.
        known: Where there is a label.
        tried: How many answers are looked at, each of which may be low by chance.
    """
    yes, no = known & y, known & ~y
    # Positions of a sample are no samples of their own.
    some, none = (int(each.any(axis=1).sum()) for each in (yes, no))
    if min(some, none) < _FEWEST:
        return None
    lower, higher = np.sort(p[no]), p[yes]
    left, right = (np.searchsorted(lower, higher, side) for side in ("left", "right"))
    share = float((left + right).mean()) / 2 / len(lower)
    spread = ((some + none + 1) / (12 * some * none)) ** 0.5
    least = 0.5 - spread * NormalDist().inv_cdf(1.0 - _CHANCE / tried)
    return share if share < min(_BELOW, least) else None
