"""The content of a data set: what was made from it is told from what another one would make.

A pipeline that is built anew gives the same samples, though it is another object and its graph has
other names; a table whose labels were mended looks the same and gives others. So the samples
themselves are read, once, and hashed one by one: in whatever order they come.
"""

import hashlib
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.warn import warn
from keras_mtkd._data.batches import batches


def content(data: Any, role: str) -> str:
    """What a data set gives: its samples, labels and weights.

    Data sets with a method `fingerprint()` are asked. All others are read once, and the beginning
    a second time, which tells whether they give the same again.

    Args:
        data: A `PyDataset` or a `tf.data.Dataset`.
        role: What the data is, for the warning.

    Returns:
        `"<hash of the samples> in <number> batches"`. Where the samples cannot be told, because
        they are others in every pass or there is no end to them, the hash is that of their shapes,
        after a warning.
    """
    if isinstance(data, keras.utils.PyDataset) and hasattr(data, "fingerprint"):
        return _said(data.fingerprint(), data.num_batches)
    if _is_endless(data):
        _warn_unknown(role, "has no end")
        return _said(_layout(_first(data)), None)
    found: list[np.ndarray] = []
    layout = "empty"
    for batch in batches(data):
        if not found:
            layout = _layout(batch)
        found.append(sample_hashes(batch))
    if found and not _gives_again(data, np.concatenate(found)):
        _warn_unknown(role, "gives other samples in every pass")
        return _said(layout, len(found))
    total = sum(int(hashes.sum()) for hashes in found) % 2**64
    return _said(f"{layout} {total}", len(found))


def _said(samples: str, number: int | None) -> str:
    hashed = hashlib.sha256(samples.encode()).hexdigest()[:16]
    return f"{hashed} in {'endless' if number is None else number} batches"


def sample_hashes(structure: Any) -> np.ndarray:
    """A number for the content of every sample, `(batch,)` in uint64.

    Args:
        structure: A tensor or a structure of tensors, samples first, or `None`, which is nothing.
    """
    parts = [np.ascontiguousarray(_array(leaf)) for _, leaf in _leaves(structure)]
    hashes = []
    for row in range(len(parts[0])):
        digest = hashlib.blake2b(digest_size=8)
        for part in parts:
            digest.update(bytes_of(part[row]))
        hashes.append(int.from_bytes(digest.digest(), "little"))
    return np.array(hashes, "uint64")


def bytes_of(values: Any) -> bytes:
    """The bytes of numbers, or of the texts themselves: arrays of objects hold their addresses."""
    array = np.asarray(values)
    if array.dtype.kind not in "OSU":
        return array.tobytes()
    texts = [text if isinstance(text, bytes) else str(text).encode() for text in array.ravel()]
    return str(array.shape).encode() + b"".join(b"%d:%s" % (len(text), text) for text in texts)


def of_arrays(arrays: Any) -> str:
    """A hash of arrays in a structure, of their names in it too."""
    hashed = hashlib.sha256()
    for path, leaf in _leaves(arrays):
        values = np.ascontiguousarray(leaf)
        hashed.update(f"{path} {values.shape} {_kind(values)}".encode())
        hashed.update(bytes_of(values))
    return hashed.hexdigest()


def _leaves(structure: Any) -> list[tuple[Any, Any]]:
    """The tensors of a structure, each with its place; dicts by name, whatever their order."""
    found = keras.tree.flatten_with_path(structure)
    return [(path, leaf) for path, leaf in found if leaf is not None]


def _array(leaf: Any) -> np.ndarray:
    # Sparse and ragged tensors are no arrays by themselves.
    return np.asarray(leaf) if hasattr(leaf, "__array__") else keras.ops.convert_to_numpy(leaf)


def _layout(batch: Any) -> str:
    return str(
        [(path, _array(leaf).shape[1:], _kind(_array(leaf))) for path, leaf in _leaves(batch)]
    )


def _kind(values: np.ndarray) -> str:
    return "text" if values.dtype.kind in "OSU" else str(values.dtype)


def _is_endless(data: Any) -> bool:
    if isinstance(data, keras.utils.PyDataset):
        return data.num_batches is None
    return hasattr(data, "cardinality") and int(data.cardinality()) == -1


def _first(data: Any) -> Any:
    batch = data[0] if isinstance(data, keras.utils.PyDataset) else next(iter(data))
    return batch if isinstance(batch, tuple | list) else (batch,)


def _gives_again(data: Any, seen: np.ndarray) -> bool:
    """Whether the samples at the beginning of another pass are some of those that were seen."""
    return bool(np.isin(sample_hashes(next(batches(data))), seen).all())


def _warn_unknown(role: str, why: str) -> None:
    warn(
        f"The content of the {role} cannot be told: it {why}. What is kept counts as made from "
        "this data wherever the number of batches and the shapes of samples are the same. Give "
        "the `Problem` a `fingerprint=`, a text that you change with the data, to tell it "
        "yourself.",
    )
