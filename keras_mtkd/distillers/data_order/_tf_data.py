"""Batches of arrays as a `tf.data.Dataset`, which TensorFlow reads without Python."""

from typing import Any

import keras

from keras_mtkd._backend.optional import require
from keras_mtkd.distillers.data_order.passes import Passes


def array_batches(arrays: Any, passes: Passes) -> Any:
    """The batches of whatever epoch it is when they are iterated.

    As Keras' own pipeline for arrays, in another order: rows of a whole epoch come from Python at
    once, and all else is TensorFlow's.

    Args:
        arrays: Arrays of one length, in any structure.
        passes: The rows of every step.
    """
    tf = require("tensorflow", "tensorflow")
    size = passes.batch_size

    def of_epoch(_: Any) -> Any:
        return tf.numpy_function(passes.of_epoch_in_parts, [], (tf.int64, tf.int64, tf.int64))

    def whole(rows: Any) -> Any:
        return tf.data.Dataset.from_tensor_slices(tf.reshape(rows, (-1, size)))

    def of_steps(rows: Any, begin: Any, end: Any) -> Any:
        rows.set_shape((None,))
        if passes.rows % size == 0:
            return whole(rows)
        short = tf.data.Dataset.from_tensors(rows[begin:end]).take(tf.minimum(end - begin, 1))
        return whole(rows[:begin]).concatenate(short).concatenate(whole(rows[end:]))

    def batch(rows: Any, values: Any) -> Any:
        return keras.tree.map_structure(
            lambda value: None if value is None else tf.gather(value, rows, axis=0), values
        )

    steps = tf.data.Dataset.range(1).map(of_epoch).prefetch(1).flat_map(of_steps)
    values = tf.data.Dataset.from_tensors(keras.tree.lists_to_tuples(arrays)).repeat()
    data = tf.data.Dataset.zip((steps, values)).map(batch, num_parallel_calls=tf.data.AUTOTUNE)
    options = tf.data.Options()
    # As in Keras: these would copy all arrays into a description of the pipeline.
    options.experimental_optimization.apply_default_optimizations = False
    options.experimental_external_state_policy = tf.data.experimental.ExternalStatePolicy.IGNORE
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    known = tf.data.experimental.assert_cardinality(passes.steps)
    return data.with_options(options).apply(known).prefetch(tf.data.AUTOTUNE)
