"""Problems with their data, ready to train on."""

from keras_mtkd.datasets.array_dataset import ArrayDataset
from keras_mtkd.datasets.digits import digits

__all__ = ["ArrayDataset", "digits"]
