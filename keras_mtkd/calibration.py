"""Teachers' logits made to mean what they say."""

from typing import Any

import numpy as np
from keras import ops

from keras_mtkd._export import mtkd_export
from keras_mtkd._optional import require
from keras_mtkd._types import Tensor


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
    def fit(cls, logits: Any, labels: Any) -> "PlattCalibrator":
        """Fit on held-out data.

        Args:
            logits: `(samples, answers)` for yes/no, `(samples, ..., classes)` for classes.
            labels: For yes/no shaped like the logits, 1, 0, or NaN or negative where missing; for
                classes the classes `(samples, ...)`, negative where missing.

        Returns:
            Slope and offset an answer; for classes one positive slope.

        Raises:
            ValueError: If shapes do not fit, nothing is labelled, or an answer is always the same.
            ImportError: If scikit-learn (yes/no) or SciPy (classes) is not installed.
        """
        logits, labels = np.asarray(logits, "float64"), np.asarray(labels)
        if labels.shape == logits.shape[:-1] and logits.shape[-1] > 1:
            return cls(_slope_for_classes(logits, labels))
        if labels.size != logits.size or len(labels) != len(logits):
            raise ValueError(
                "Labels must be shaped like the logits, or like them without the classes. "
                f"Received: logits of shape {logits.shape}, labels of shape {labels.shape}."
            )
        columns = zip(
            logits.reshape(len(logits), -1).T, labels.reshape(len(logits), -1).T, strict=True
        )
        fitted = np.array([_line(*column) for column in columns])
        return cls(fitted[:, 0], fitted[:, 1])

    def __call__(self, logits: Tensor) -> Tensor:
        """Calibrated logits in float32, shaped as they came."""
        return self.slope * ops.convert_to_tensor(logits, "float32") + self.offset

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal object."""
        return {"slope": self.slope.tolist(), "offset": self.offset.tolist()}


def _line(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Slope and offset of one yes/no answer, by logistic regression on Platt's softened labels."""
    known = labels >= 0  # False for NaN too
    logits, yes = logits[known], labels[known] > 0.5
    count = np.array([(~yes).sum(), yes.sum()])
    if not count.all():
        raise ValueError(
            f"Calibration needs samples of both answers. Received: {count[0]} no, {count[1]} yes."
        )
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
