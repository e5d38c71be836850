"""From what users write to a loss."""

import keras

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import LossLike
from keras_mtkd.losses._registry import DISTANCES
from keras_mtkd.losses._summed import SummedLoss
from keras_mtkd.losses.crossentropy import crossentropy
from keras_mtkd.losses.function_loss import FunctionLoss


@mtkd_export("keras_mtkd.losses.get")
def get(identifier: LossLike) -> keras.losses.Loss:
    """The loss that a name, function, config or `Loss` instance stands for.

    Args:
        identifier: A `keras.losses.Loss` (returned as it is), the name of a distance of this
            package (`"normalized_l2"`, `"cka"`, `"log_sum"`, `"relational"`,
            `"attention_transfer"`, `"logit_kl"`, `"binary_logit_kl"`) or of a Keras loss, anything
            that can be called as `(y_true, y_pred) -> values`, a class of losses, a serialised
            config, or a list of these, whose values are added up.

    Returns:
        A `keras.losses.Loss`.

    Raises:
        ValueError: If the name is not known.
        TypeError: If the identifier is none of these.
    """
    if isinstance(identifier, str) and identifier in DISTANCES:
        return DISTANCES[identifier]()
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        return FunctionLoss(crossentropy)
    if isinstance(identifier, list | tuple) and identifier:
        return SummedLoss([get(each) for each in identifier])
    if isinstance(identifier, dict):
        identifier = keras.losses.deserialize(identifier)
    if isinstance(identifier, str) or callable(identifier):
        found = keras.losses.get(identifier)
        return found if isinstance(found, keras.losses.Loss) else FunctionLoss(found)
    raise TypeError(
        "A loss must be a name, a function or a `keras.losses.Loss`. "
        f"Received: {identifier!r} of type {type(identifier).__name__}."
    )
