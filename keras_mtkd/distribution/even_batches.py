"""Batches that the devices of JAX cannot share evenly."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

# JAX gives the class no public name.
_OF_JAX = "IndivisibleError"


class EvenBatches(keras.Model):
    """Says in words that a batch cannot be divided over the devices of a `DataParallel`."""

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        with _explain():
            return super().fit(*args, **kwargs)

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        with _explain():
            return super().evaluate(*args, **kwargs)

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        with _explain():
            return super().predict(*args, **kwargs)


@contextlib.contextmanager
def _explain() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        if type(error).__name__ != _OF_JAX:
            raise
        raise ValueError(
            "A batch cannot be divided evenly over the devices of `keras.distribution`, as JAX "
            "wants it; most likely the last one, which is smaller than the others. Let the batch "
            "size be a multiple of the number of devices, and leave the rest of the samples out, "
            f"for example by `dataset.batch(size, drop_remainder=True)`. JAX says: {error}"
        ) from error
