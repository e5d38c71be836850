"""The same for a `tf.data.Dataset`."""

from typing import Any

from keras_mtkd._backend.optional import require
from keras_mtkd._data import cached_features
from keras_mtkd.teachers.cached_dataset import lookup
from keras_mtkd.teachers.store import Store


def with_features(data: Any, store: Store, specs: dict[str, tuple[Any, str]]) -> Any:
    """The data set with features looked up batch by batch.

    Args:
        data: A batched `tf.data.Dataset` of `(x, ...)` or `x`.
        store: Features by sample.
        specs: `{key: (shape of a sample, dtype)}`.
    """
    tf = require("tensorflow", "tensorflow")
    names, spec = list(specs), data.element_spec
    # Batches may be their inputs alone.
    of_inputs = spec[0] if isinstance(spec, tuple) else spec

    def read(*parts: Any) -> list[Any]:
        structure = tf.nest.pack_sequence_as(of_inputs, list(parts))
        found = lookup(store, structure)
        return [found[name] for name in names]

    def add(x: Any, *rest: Any) -> tuple[Any, ...]:
        dtypes = [tf.dtypes.as_dtype(specs[name][1]) for name in names]
        values = tf.numpy_function(read, tf.nest.flatten(x), dtypes, stateful=False)
        for name, value in zip(names, values, strict=True):
            value.set_shape((None, *specs[name][0]))
        return cached_features.attach_features(x, dict(zip(names, values, strict=True))), *rest

    return data.map(add, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
