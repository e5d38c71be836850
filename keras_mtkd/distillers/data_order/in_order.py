"""What `fit` is given, made into data whose order is ours.

Keras shuffles by the global random numbers of Python, NumPy or TensorFlow up to 3.15, where arrays
on TensorFlow keep one order in all epochs once a seed is set, and from 3.16 on by the number of
the epoch alone, counted anew in every `fit`. Neither lets a run go on where it was interrupted.
"""

import math
from typing import Any

import keras

from keras_mtkd._backend.keras_compat import build_for
from keras_mtkd._backend.warn import warn
from keras_mtkd.distillers.data_order import arrays as dense
from keras_mtkd.distillers.data_order._tf_data import array_batches
from keras_mtkd.distillers.data_order.batches import OrderedBatches
from keras_mtkd.distillers.data_order.passes import DataOrder, Passes, drawn_seed
from keras_mtkd.distillers.own_callbacks import with_own
from keras_mtkd.distribution.multi_worker import of_first_worker

_BATCH = 32
Arguments = dict[str, Any]


class TellEpoch(keras.callbacks.Callback):
    """Says which epoch it is before the data of the epoch are read; the first of all callbacks.

    Args:
        order: What to tell.
        data: A data set that counts epochs by itself. One that has not come as far as the run, as
            in a process that goes on with it, is moved forward.
    """

    def __init__(self, order: DataOrder, data: Any = None) -> None:
        super().__init__()
        self.order, self.data = order, data

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.order.epoch = epoch
        # Keras ends an epoch of a data set before the first.
        if self.data is not None and self.data.epoch <= epoch:
            self.data.set_epoch(epoch + 1)


def in_order(
    model: keras.Model, x: Any, y: Any, arguments: Arguments
) -> tuple[DataOrder, Any, Any, Arguments]:
    """Data and arguments for `keras.Model.fit`, which then shuffles nothing itself.

    * Arrays, tensors and data frames are shuffled anew every epoch.
    * The batches of a `PyDataset` likewise, unless it tells its epoch (`epoch` and `set_epoch`):
      then its order is its own.
    * `tf.data.Dataset`s, generators and loaders are left alone, and so are sparse and ragged
      tensors and those of PyTorch.

    Args:
        model: What is fitted.
        x: What `fit` was given.
        y: Likewise.
        arguments: Further arguments of `fit`, by name.

    Returns:
        The order, to be changed while `fit` runs; `x`, `y` and the arguments that take their place.
    """
    order = DataOrder()
    if isinstance(x, keras.utils.PyDataset):
        if y is None and getattr(x, "num_batches", None):
            return order, *_batches(model, order, x, arguments)
    elif any(
        arguments.get(name, default)
        for name, default in (("shuffle", True), ("steps_per_epoch", 0), ("validation_split", 0))
    ):
        given = dense.as_arrays(x, y, arguments.get("sample_weight"))
        if given is not None:
            return order, *_arrays(model, order, given, (x, y), arguments)
    return order, x, y, arguments


def _batches(
    model: keras.Model, order: DataOrder, data: Any, arguments: Arguments
) -> tuple[Any, None, Arguments]:
    tells = hasattr(data, "set_epoch") and getattr(data, "epoch", None) is not None
    shuffle = bool(arguments.get("shuffle", True)) and not tells
    batches = int(data.num_batches)
    steps = _capped(arguments.get("steps_per_epoch"), batches)
    told = TellEpoch(order, data if tells else None)
    if data.workers > 1 and model.compiled and keras.backend.backend() != "tensorflow":
        # Else `fit` takes a batch for that from those read ahead, and every epoch begins one late.
        build_for(model, data[0])
    if shuffle:
        order.seed = of_first_worker(model, drawn_seed())
    if shuffle or steps not in (None, batches):
        data = OrderedBatches(data, order, steps, shuffle)
    return data, None, _changed(arguments, told, model)


def _arrays(
    model: keras.Model, order: DataOrder, arrays: Any, given: tuple[Any, Any], arguments: Arguments
) -> tuple[Any, Any, Arguments]:
    changed = {**arguments, "sample_weight": None}
    if arguments.get("validation_split") and arguments.get("validation_data") is None:
        parts = dense.split(arrays, arguments["validation_split"])
        if parts is None:
            return *given, arguments
        arrays, changed["validation_data"] = parts
        changed["validation_split"] = 0.0
    samples, steps = dense.count(arrays), arguments.get("steps_per_epoch")
    size = arguments.get("batch_size") or (math.ceil(samples / steps) if steps else _BATCH)
    shuffle = arguments.get("shuffle", True)
    if shuffle:
        order.seed = of_first_worker(model, drawn_seed())
    passes = Passes(order, samples, size, _capped(steps, math.ceil(samples / size)), shuffle)
    made = array_batches if keras.backend.backend() == "tensorflow" else dense.ArrayBatches
    return made(arrays, passes), None, _changed(changed, TellEpoch(order), model)


def _changed(arguments: Arguments, told: TellEpoch, model: keras.Model) -> Arguments:
    callbacks = with_own(told, arguments.get("callbacks"), model)
    return {**arguments, "shuffle": False, "steps_per_epoch": None, "callbacks": callbacks}


def _capped(steps: int | None, batches: int) -> int | None:
    """Steps of an epoch; `None` for as many as there are batches."""
    if not steps or steps < 1:
        return None
    if steps > batches:
        warn(
            f"`steps_per_epoch={steps}` is more than the {batches} batches of the data: an epoch "
            f"has {batches} steps.",
        )
    return min(steps, batches)
