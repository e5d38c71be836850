"""Teachers' logits made to mean what they say."""

from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd._backend.types import Tensor
from keras_mtkd._data.read_labels import read_labels


@mtkd_export("keras_mtkd.PlattCalibrator")
class PlattCalibrator:
    """`calibrated = slope * logit + offset`, so that sigmoid or softmax give true frequencies.

    A teacher trained on other labels or for ranking may order samples well and still be far off
    as a probability. Fit on data that it was not trained on.

    Args:
        slope: Factor on the logits, a number or `(answers,)`.
        offset: Added to them, likewise.

    Examples:
        >>> np.array(PlattCalibrator(slope=0.5, offset=1.0)([[2.0], [-4.0]])).tolist()
        [[2.0], [-1.0]]

    Source: Platt (1999) for yes/no answers; for classes temperature scaling (Guo et al., 2017).
    As a preparation of teachers: CrossDistil (Yang et al., 2022), reconstructed.
    """

    def __init__(self, slope: Any = 1.0, offset: Any = 0.0) -> None:
        self.slope = np.asarray(slope, "float32")
        self.offset = np.asarray(offset, "float32")

    @classmethod
    def fit(cls, logits: Any, labels: Any, from_logits: bool | None = None) -> "PlattCalibrator":
        """Fit on held-out data.

        Args:
            logits: Predictions, `(samples, answers)` for yes/no, `(samples, ..., classes)` for
                classes: logits, or what a softmax or sigmoid made of them.
            labels: For yes/no shaped like the logits, 1 and 0; for classes the classes
                `(samples, ...)`. `None`, NaN or negative where missing.
            from_logits: False for probabilities. By default predictions of classes are
                probabilities if they lie in [0, 1] and sum to 1, all other predictions logits.

        Returns:
            Slope and offset an answer; for classes one positive slope. They are for logits, also
            where they were fit on probabilities.

        Raises:
            ValueError: If shapes do not fit, nothing is labelled, an answer is always the same, or
                predictions for yes/no all lie in [0, 1] and `from_logits` is left out.
            ImportError: If scikit-learn (yes/no) or SciPy (classes) is not installed.
        """
        logits = np.asarray(logits, "float64")
        labels, there = read_labels("calibration", labels)
        labels = np.where(there, labels.astype("float64"), -1.0)
        of_classes = labels.shape == logits.shape[:-1] and logits.shape[-1] > 1
        if not of_classes:
            if labels.size != logits.size or len(labels) != len(logits):
                raise ValueError(
                    "Labels must be shaped like the logits, or like them without the classes. "
                    f"Received: logits of shape {logits.shape}, labels of shape {labels.shape}."
                )
            logits, labels = logits.reshape(len(logits), -1), labels.reshape(len(labels), -1)
            for answers in labels.T:
                _check_answers(answers)
        if not (_are_logits(logits, of_classes) if from_logits is None else from_logits):
            logits = _logits(logits, of_classes)
        if of_classes:
            return cls(_slope_for_classes(logits, labels))
        fitted = np.array([_line(*column) for column in zip(logits.T, labels.T, strict=True)])
        return cls(fitted[:, 0], fitted[:, 1])

    def __call__(self, logits: Tensor) -> Tensor:
        """Calibrated logits in float32, shaped as they came."""
        return self.slope * ops.convert_to_tensor(logits, "float32") + self.offset

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal object."""
        return {"slope": self.slope.tolist(), "offset": self.offset.tolist()}


def _are_logits(predictions: np.ndarray, of_classes: bool) -> bool:
    """Whether predictions are logits, where their values tell."""
    if not predictions.size or predictions.min() < 0 or predictions.max() > 1:
        return True
    if of_classes:
        return not np.allclose(predictions.sum(axis=-1), 1.0, atol=1e-3)
    raise ValueError(
        "All predictions lie in [0, 1], so they may be logits or probabilities. Pass "
        "`from_logits=True`, or False for those of a sigmoid."
    )


def _logits(probabilities: np.ndarray, of_classes: bool) -> np.ndarray:
    # The nearest to 0 and to 1 that float32 tells from them.
    logarithm = np.log(np.maximum(probabilities, 2.0**-126))
    if of_classes:
        return logarithm
    return logarithm - np.log(np.maximum(1.0 - probabilities, 2.0**-24))


def _counts(labels: np.ndarray) -> np.ndarray:
    """How many labels say no, and how many yes."""
    yes = labels[labels >= 0] > 0.5
    return np.array([(~yes).sum(), yes.sum()])


def _check_answers(labels: np.ndarray) -> None:
    count = _counts(labels)
    if not count.all():
        raise ValueError(
            f"Calibration needs samples of both answers. Received: {count[0]} no, {count[1]} yes."
        )


def _line(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Slope and offset of one yes/no answer, by logistic regression on Platt's softened labels."""
    known = labels >= 0  # False for NaN too
    logits, yes = logits[known], labels[known] > 0.5
    count = _counts(labels)
    # Neither answer is taken as certain, so a perfect teacher still gets a finite slope.
    truth = np.where(yes, (count[1] + 1) / (count[1] + 2), 1 / (count[0] + 2))
    regression = require("sklearn.linear_model", "datasets").LogisticRegression(
        C=np.inf, tol=1e-8, max_iter=1000
    )
    answers = np.repeat([0, 1], len(logits))
    weight = np.concatenate([1 - truth, truth])
    regression.fit(np.tile(logits, 2)[:, None], answers, sample_weight=weight)
    return float(regression.coef_[0, 0]), float(regression.intercept_[0])


def _slope_for_classes(logits: np.ndarray, labels: np.ndarray) -> float:
    """The inverse temperature under which the labels are likeliest."""
    special = require("scipy.special", "scd")
    optimize = require("scipy.optimize", "scd")
    known = labels >= 0
    chosen, classes = logits[known], labels[known].astype(int)
    if not len(classes):
        raise ValueError("Calibration needs labelled samples. Received: none.")

    def surprise(log_slope: float) -> float:
        log_p = special.log_softmax(np.exp(log_slope) * chosen, axis=-1)
        return -float(np.take_along_axis(log_p, classes[:, None], axis=-1).mean())

    # From e^-5 to e^5: a teacher that is always right has no finite best slope.
    found = optimize.minimize_scalar(surprise, bounds=(-5.0, 5.0), method="bounded")
    return float(np.exp(found.x))
