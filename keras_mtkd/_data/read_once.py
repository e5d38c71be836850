"""What cannot be read again and again: generators, uncalled functions, lists of batches."""

from collections.abc import Mapping
from typing import Any

from keras_mtkd._backend.warn import warn

_AGAIN = (
    "Give what can be read again: arrays, a `keras.utils.PyDataset` or a batched "
    "`tf.data.Dataset`, as `tf.data.Dataset.from_generator(function, output_signature=...)`."
)


def is_read_once(data: Any) -> bool:
    """Whether reading uses it up."""
    return hasattr(data, "__next__")


def is_distributed(data: Any) -> bool:
    """Whether a data set gives one batch per replica, which cannot be looked at here."""
    return type(data).__module__.startswith("tensorflow.python.distribute")


def may_be_read(data: Any) -> bool:
    """Whether data may be looked at before it is trained on.

    Args:
        data: What `fit` takes as `x`.
    """
    return data is not None and not is_read_once(data) and not is_distributed(data)


def check_called(data: Any) -> None:
    """Refuse a function in the place of the data that it makes.

    Raises:
        TypeError: Likewise.

    Examples:
        >>> check_called(iter([1, 2]))
        >>> check_called(lambda: iter([1, 2]))
        Traceback (most recent call last):
            ...
        TypeError: The data is a function, `<lambda>`, and not what it gives. Call it: ...
    """
    if not callable(data) or hasattr(data, "__iter__") or hasattr(data, "__getitem__"):
        return
    name = getattr(data, "__name__", type(data).__name__)
    raise TypeError(
        f"The data is a function, `{name}`, and not what it gives. Call it: `{name}()`. What that "
        f"gives may serve one epoch alone. {_AGAIN}"
    )


def check_no_list(data: Any) -> None:
    """Refuse a list of batches, which Keras takes for the inputs of one.

    Raises:
        TypeError: Likewise.

    Examples:
        >>> check_no_list(([1, 2], {"a": [0, 1]}))
        >>> check_no_list([([1, 2], {"a": [0, 1]})])
        Traceback (most recent call last):
            ...
        TypeError: The data is a list of batches, ...
    """
    if isinstance(data, list | tuple) and data and all(map(_is_batch, data)):
        raise TypeError(
            f"The data is a {type(data).__name__} of batches, which Keras takes for the inputs of "
            f"a single one. {_AGAIN}"
        )


def _is_batch(part: Any) -> bool:
    several = isinstance(part, list | tuple) and len(part) in (2, 3)
    return several and isinstance(part[1], Mapping)


def check_epochs(x: Any, validation: Any, arguments: Mapping[str, Any]) -> None:
    """Refuse generators that one epoch uses up where there are more.

    Keras hands the first batch of one that is used up to every later epoch again.

    Args:
        x: The data of `fit`.
        validation: Its validation data.
        arguments: The other arguments of `fit`, by name.

    Raises:
        ValueError: If there is no number of steps, so that the first epoch takes all.
    """
    epochs = range(arguments.get("initial_epoch") or 0, arguments.get("epochs", 1))
    if is_read_once(x) and not arguments.get("steps_per_epoch") and len(epochs) > 1:
        raise ValueError(
            f"The data is a {type(x).__name__}, which the first of {len(epochs)} epochs uses up. "
            f"{_AGAIN} One that never ends takes `steps_per_epoch=`."
        )
    validations = [epoch for epoch in epochs if _validates(epoch, arguments)]
    if not is_read_once(validation) or len(validations) < 2:
        return
    if not arguments.get("validation_steps"):
        raise ValueError(
            f"The validation data is a {type(validation).__name__}, which the first of "
            f"{len(validations)} validations uses up. {_AGAIN} One that never ends takes "
            "`validation_steps=`."
        )
    warn(
        f"The validation data is a {type(validation).__name__}, of which every validation takes "
        f"the next {arguments['validation_steps']} batches: scores of different epochs compare "
        f"only if these are the same again. {_AGAIN}",
    )


def _validates(epoch: int, arguments: Mapping[str, Any]) -> bool:
    """Whether an epoch, counted from 0, is validated."""
    every = arguments.get("validation_freq", 1)
    return (epoch + 1) % every == 0 if isinstance(every, int) else epoch + 1 in every
