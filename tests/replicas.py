"""Training on several devices of one machine, on either backend.

On TensorFlow a strategy runs traced steps only: mark tests `traced`.
"""

import contextlib

import keras
from helpers import BACKEND


def mirrored(replicas, make):
    import tensorflow as tf

    # Collective operations keep their group size for the life of a process: reduce without them.
    strategy = tf.distribute.MirroredStrategy(
        [f"CPU:{number}" for number in range(replicas)],
        cross_device_ops=tf.distribute.ReductionToOneDevice(),
    )
    with strategy.scope():
        return make()


def data_parallel(replicas, make):
    devices = keras.distribution.list_devices()[:replicas]
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
    try:
        return make()
    finally:
        keras.distribution.set_distribution(None)


on_replicas = mirrored if BACKEND == "tensorflow" else data_parallel


@contextlib.contextmanager
def eagerly():
    """In a test that is `traced`: what one device does need not be traced, to compare with."""
    if BACKEND != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)
