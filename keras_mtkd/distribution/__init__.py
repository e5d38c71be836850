"""Training on several devices and several machines.

Models are fitted under `tf.distribute.MirroredStrategy`,
`tf.distribute.MultiWorkerMirroredStrategy` or `keras.distribution.DataParallel` as any Keras model
is. Here is what Keras lacks for it.
"""

from keras_mtkd.distribution.launcher import launch
from keras_mtkd.distribution.workers import is_chief, worker_count, worker_index

__all__ = ["is_chief", "launch", "worker_count", "worker_index"]
