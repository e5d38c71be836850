"""The content of data sets as the first fingerprints told it, for `_fingerprint_before`.

They passed over the names of arrays, the middle of files, and all that data sets without a
fingerprint of their own hold.
"""

import hashlib
from typing import Any

import keras
import numpy as np

from keras_mtkd._array_dataset import ArrayDataset
from keras_mtkd.datasets.dense.folder import IMAGE, NpyFolder
from keras_mtkd.datasets.joined import JoinedDataset

_BEGINNING = 4096


def content(data: Any) -> Any:
    """The content of a data set if it could tell, else its size and shapes."""
    if isinstance(data, ArrayDataset):
        return _of_arrays(data)
    if isinstance(data, NpyFolder):
        return _of_folder(data)
    if isinstance(data, JoinedDataset):
        hashes = [content(source) for source in data.sources.values()]
        text = str((list(data.sources), hashes, data.batches, data.balance, data.seed))
        return hashlib.sha256(text.encode()).hexdigest()
    if hasattr(data, "fingerprint"):
        return data.fingerprint()
    if hasattr(data, "element_spec"):
        return [str(data.element_spec), int(data.cardinality())]
    return [type(data).__name__, getattr(data, "num_batches", None)]


def _of_arrays(data: ArrayDataset) -> str:
    digest = hashlib.sha256()
    for values in (
        *keras.tree.flatten(data.x),
        *data.y.values(),
        *(data.sample_weight or {}).values(),
    ):
        digest.update(str((values.shape, values.dtype)).encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _of_folder(data: NpyFolder) -> str:
    digest = hashlib.sha256(str((data.batch_size, data.shuffle, data.augment)).encode())
    for folder in (IMAGE, *data.folders.values()):
        for number in data.numbers:
            path = data.root / folder / f"{number}.npy"
            digest.update(f"{folder}/{number}:{path.stat().st_size}".encode())
            with path.open("rb") as file:
                digest.update(file.read(_BEGINNING))
    return digest.hexdigest()
