"""Which samples are worth a teacher's time."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.names import check_names
from keras_mtkd._graph.ends import own_inputs, prediction
from keras_mtkd.distillation.head import head_of_model


@mtkd_export("keras_mtkd.selection.uncertain_samples")
def uncertain_samples(
    student: keras.Model,
    x: Any,
    tasks: Iterable[str],
    fraction: float = 0.2,
    from_logits: bool | None = None,
    batch_size: int = 128,
) -> np.ndarray:
    """The samples that the student is least sure of, after one pass before distillation.

    Args:
        student: The student as it is now, with class predictions for `tasks`.
        x: Inputs, arrays with samples first.
        tasks: Tasks whose entropies are averaged, each divided by its largest possible value.
        fraction: Share of the samples to choose, in (0, 1].
        from_logits: False where the student ends in a softmax; by default its graph tells, or
            else the loss that it is compiled with.
        batch_size: Samples a forward pass.

    Returns:
        Sorted indices of the chosen samples, at least one.

    Raises:
        TypeError: If `tasks` is one text.
        ValueError: If `fraction` is out of range, a task has fewer than two classes, or neither
            tells logits from probabilities.

    Source: the sample axis of SE-KD, as described for its released code: the 20 % with the
    largest mean entropy over all positions. Averaging over tasks is this package's.
    """
    check_names("tasks", tasks)
    if not 0.0 < fraction <= 1.0:
        raise ValueError(f"`fraction` must lie in (0, 1]. Received: fraction={fraction}.")
    outputs = student.predict(own_inputs(student, x), batch_size=batch_size, verbose=0)
    forms = {task: _form(student, task, from_logits) for task in tasks}
    scores = np.mean(
        [_entropy(prediction(outputs, task), task, form) for task, form in forms.items()], axis=0
    )
    count = max(1, round(fraction * len(scores)))
    return np.sort(np.argsort(-scores, kind="stable")[:count])


def _form(student: keras.Model, task: str, from_logits: bool | None) -> bool:
    """Whether a student gives logits."""
    told = head_of_model(student, task).from_logits if from_logits is None else from_logits
    if told is None:
        raise ValueError(
            f"Whether the student predicts logits of task '{task}' cannot be told from its graph. "
            "Pass `from_logits=True`, or False where it ends in a softmax."
        )
    return told


def _entropy(predictions: Any, task: str, from_logits: bool) -> np.ndarray:
    """Mean entropy of every sample's positions as a share of the largest, `(samples,)`."""
    values = np.asarray(predictions, "float64")
    classes = values.shape[-1]
    if classes < 2:
        raise ValueError(f"Task '{task}' has no classes. Received: shape {values.shape}.")
    if from_logits:
        values = np.exp(values - values.max(axis=-1, keepdims=True))
        values /= values.sum(axis=-1, keepdims=True)
    entropy = -(values * np.log(np.maximum(values, keras.config.epsilon()))).sum(axis=-1)
    return entropy.reshape(len(entropy), -1).mean(axis=1) / np.log(classes)
