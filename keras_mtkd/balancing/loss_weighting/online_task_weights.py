"""Online task weighting: more weight for tasks that lag behind their own single-task network."""

from keras import ops

from keras_mtkd._backend.types import Tensor


def otw_weights(ratios: Tensor, temperature: float = 0.1, clip: float | None = None) -> Tensor:
    """Weights of the task losses from how far each task lags behind, `K softmax(r / T)`.

    Args:
        ratios: `(tasks,)`, the student's mean loss over the single-task network's, task by task.
        temperature: The lower, the more of all weight goes to the tasks that lag most.
        clip: Largest ratio that counts: tasks beyond it are weighted alike. `None` for no limit.

    Returns:
        `(tasks,)` float32 weights, which sum to the number of tasks.

    Examples:
        >>> weights = otw_weights([1.0, 1.1, 1.3])
        >>> [round(float(weight), 2) for weight in weights]
        [0.13, 0.34, 2.53]

    Source: Jacob, Agarwal and Stenger, "Online Knowledge Distillation for Multi-Task Learning"
    (2023). Their released code clips `exp(r / T)` at 10, so that at their `T` of 0.1 ratios above
    0.23 are all alike; here that would be `clip=0.23`.
    """
    ratios = ops.convert_to_tensor(ratios, dtype="float32")
    if clip is not None:
        ratios = ops.minimum(ratios, clip)
    return ops.shape(ratios)[0] * ops.softmax(ratios / temperature)


def check_options(temperature: float, clip: float | None = None) -> None:
    """Refuse what `otw_weights` cannot weigh with.

    Raises:
        ValueError: If a number is not positive.
    """
    if not temperature > 0:
        raise ValueError(f"`temperature` must be positive. Received: temperature={temperature}.")
    if clip is not None and not clip > 0:
        raise ValueError(f"`clip` must be positive or None. Received: clip={clip}.")
