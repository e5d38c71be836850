"""Problems with their data, ready to train on."""

from keras_mtkd._data.array_dataset import ArrayDataset
from keras_mtkd.datasets.census import census
from keras_mtkd.datasets.dense.camera import normals_from_depth
from keras_mtkd.datasets.digit_and_clothing import digit_and_clothing
from keras_mtkd.datasets.digits import digits
from keras_mtkd.datasets.energy import energy
from keras_mtkd.datasets.joined import join
from keras_mtkd.datasets.loading import load
from keras_mtkd.datasets.multi_mnist import multi_mnist
from keras_mtkd.datasets.nyuv2 import cityscapes, nyuv2
from keras_mtkd.datasets.nyuv2_tfds import nyuv2_tfds
from keras_mtkd.datasets.partial import mask_missing
from keras_mtkd.datasets.rooms import rooms
from keras_mtkd.datasets.source_code import source_code
from keras_mtkd.datasets.spoken_digits import spoken_digits
from keras_mtkd.datasets.tox21 import tox21

__all__ = [
    "ArrayDataset",
    "census",
    "cityscapes",
    "digit_and_clothing",
    "digits",
    "energy",
    "join",
    "load",
    "mask_missing",
    "multi_mnist",
    "normals_from_depth",
    "nyuv2",
    "nyuv2_tfds",
    "rooms",
    "source_code",
    "spoken_digits",
    "tox21",
]
