"""What teachers know of a data set, computed once and kept on disk."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from rich.console import Console

from keras_mtkd._backend.autodiff import compiled
from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.types import Tensor
from keras_mtkd._data import cached_features
from keras_mtkd._data.array_dataset import as_dataset
from keras_mtkd._data.batches import batches
from keras_mtkd._data.content import sample_hashes
from keras_mtkd._storage import files, fingerprint
from keras_mtkd._storage.conditions import check_same, is_noted, note_versions
from keras_mtkd.distillers.terms import TeacherBranch
from keras_mtkd.distillers.wiring import as_distillations, wire_teachers
from keras_mtkd.teachers import fingerprint_before
from keras_mtkd.teachers.cached_dataset import CachedDataset
from keras_mtkd.teachers.store import Store

_DTYPES = ("float32", "float16")


@mtkd_export("keras_mtkd.teachers.cache")
def cache(
    teachers: Mapping[str, keras.Model],
    data: Any,
    directory: str | os.PathLike[str],
    distillation: Iterable[Any],
    dtype: str = "float32",
    pool: Mapping[str, int] | None = None,
    shard_bytes: int = 64 * 2**20,
    verbose: int = 1,
) -> Any:
    """Run every teacher once over a data set, and keep what it would teach.

    The data set that is returned brings the kept features along; a `MultiTaskDistiller` with the
    same teachers and distillations then runs no teacher. Features are found by the content of a
    sample, so they stay with their inputs however the data is shuffled or batched.

    What is on disk are shards of NumPy arrays, each whole or absent; a run that was killed goes on
    with the samples that are missing. How much it will take is printed before it starts.

    Args:
        teachers: `{task: model}`, as for the distiller.
        data: What the student will be fitted on: a `PyDataset` such as `datasets.ArrayDataset`, a
            batched `tf.data.Dataset`, or arrays `(x, y)` or `(x, y, sample_weight)`, which become a
            shuffled `ArrayDataset`. It must give the same samples each time it is read.
        directory: Where to keep them: for these teachers and data alone.
        distillation: The distiller's ways of distilling, which decide what is kept.
        dtype: `"float32"`, or `"float16"` for half the space. Distances are float32 either way.
        pool: `{path of a teacher's layer: size}`: maps are kept as means over squares of so many
            positions; the student's adapted feature is then averaged alike.
        shard_bytes: About how large a shard may get.
        verbose: 0 is silent.

    Returns:
        A data set with batches as `data` gives them, and features.

    Raises:
        TypeError: If the data is of another kind.
        ValueError: If the directory holds features of other teachers, taps or data; if a way needs
            no teacher's features; if a map is no multiple of its pooling; or if the data gives
            other samples each time.
        OSError: If the disk has too little room, before anything is computed.
    """
    check_choice("dtype", dtype, _DTYPES)
    root = Path(directory)
    data = as_dataset(data, shuffle=True, role="data to cache")
    branches = wire_teachers(teachers, as_distillations(distillation))
    if not branches:
        raise ValueError("None of the distillations asks a teacher, so there is nothing to keep.")
    reader = _Reader(branches, dict(pool or {}), dtype)
    hashes = _all_hashes(data)
    first = next(iter(batches(data)))[0]
    specs = {
        name: (list(values.shape[1:]), str(values.dtype))
        for name, values in reader.features(first).items()
    }
    others = {
        "pool": dict(pool or {}),
        "samples": len(hashes),
        "data": fingerprint.digest(hashes.tolist()),
    }
    conditions = {**_what(branches, specs), **others}
    kept = files.read_json(root / "cache.json")
    if kept is None or is_noted(kept):
        # Shards tell features by their order; the reader's hangs on the backend and the ways.
        specs = dict(sorted(specs.items()))
    if kept is not None:
        check_same(
            root / "cache.json",
            kept,
            lambda: conditions,
            lambda: {"features": _what_before(branches, specs), **others},
        )
    store = Store(root, specs, shard_bytes)
    missing = hashes[~store.knows(hashes)]
    if len(missing):
        _announce(specs, len(missing), root, verbose)
        if kept is None:
            files.write_json(root / "cache.json", note_versions(conditions))
        _fill(store, reader, data, missing)
    return _with_features(data, store, specs)


def _what(branches: Iterable[TeacherBranch], specs: Mapping[str, Any]) -> dict[str, Any]:
    """Which teachers, and what is kept of each."""
    return {
        "teachers": {branch.name: branch.fingerprint for branch in branches},
        "features": {
            branch.name: {
                cached_features.title(path, task): specs[key]
                for key, (path, task) in branch.keys().items()
            }
            for branch in branches
        },
    }


def _what_before(branches: Iterable[TeacherBranch], specs: Mapping[str, Any]) -> dict[str, Any]:
    """The same as it was told before teachers were told apart by their weights alone."""
    return {
        cached_features.feature_key(
            branch.name, fingerprint_before.of_model(branch.teacher.model), path, task
        ): specs[key]
        for branch in branches
        if branch.teacher is not None
        for key, (path, task) in branch.keys().items()
    }


def _all_hashes(data: Any) -> np.ndarray:
    """The content of every distinct sample, in numerical order."""
    found = [sample_hashes(batch[0]) for batch in batches(data)]
    if not found:
        raise ValueError("The data set is empty: it gave no batch to cache.")
    return np.unique(np.concatenate(found))


class _Reader(keras.Model):
    """All that is kept of a batch, in one call.

    Args:
        branches: The teachers and what they teach.
        pool: Pooling by path.
        dtype: What the features are stored as.
    """

    def __init__(self, branches: list[TeacherBranch], pool: dict[str, int], dtype: str) -> None:
        super().__init__(name="teachers_reader", dtype="float32", autocast=False)
        self._branches, self._pool, self._stored = tuple(branches), pool, dtype
        # Keras looks for variables in attributes that it knows.
        self.frozen = [branch.teacher for branch in branches]
        self._compiled = compiled(self.call)
        self.built = True
        for branch in branches:
            branch.mark()

    def call(self, inputs: Any) -> dict[str, Tensor]:
        found = {}
        for branch in self._branches:
            for name, path, value in branch.features(inputs):
                found[name] = ops.cast(self._pooled(path, value), self._stored)
        return found

    def features(self, x: Any) -> dict[str, np.ndarray]:
        """Features of a batch, `{key: (batch, ...)}`."""
        # Under a strategy of TensorFlow every replica would predict the whole batch.
        if keras.backend.backend() == "tensorflow":
            found = self._compiled(x)
        else:
            # Batches of `tf.data` are tensors of another backend.
            found = self.predict_on_batch(keras.tree.map_structure(np.asarray, x))
        return {name: np.asarray(values) for name, values in found.items()}

    def _pooled(self, path: str | None, value: Tensor) -> Tensor:
        size = self._pool.get(path or "", 1)
        if size == 1:
            return value
        if len(value.shape) != 4 or value.shape[1] % size or value.shape[2] % size:
            raise ValueError(
                f"The tap '{path}' has shape {tuple(value.shape)}: it cannot be averaged over "
                f"squares of {size} by {size} positions."
            )
        return cached_features.pool(value, size)


def _announce(specs: Mapping[str, Any], samples: int, root: Path, verbose: int) -> None:
    """Say how much will be written, and refuse if there is no room for it."""
    each = sum(int(np.prod(shape)) * np.dtype(dtype).itemsize for shape, dtype in specs.values())
    total = samples * each
    root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free
    if verbose:
        Console().print(
            f"Teachers' features: {samples} samples of {each / 2**10:.1f} KiB, "
            f"{total / 2**20:.1f} MiB in '{root}'"
        )
    if total > free:
        raise OSError(
            f"The cache needs {total / 2**20:.0f} MiB, '{root}' has {free / 2**20:.0f} MiB left. "
            "Use dtype='float16', `pool`, or another directory."
        )


def _fill(store: Store, reader: _Reader, data: Any, missing: np.ndarray) -> None:
    """Add the samples that are missing."""
    for x, *_ in batches(data):
        hashes = sample_hashes(x)
        wanted = np.isin(hashes, missing)
        if wanted.any():
            found = reader.features(x)
            store.add(hashes[wanted], {name: values[wanted] for name, values in found.items()})
            missing = np.setdiff1d(missing, hashes)
    store.flush()
    if len(missing):
        raise ValueError(
            "The data gave other samples the second time it was read. Cache it without random "
            "augmentation."
        )


def _with_features(data: Any, store: Store, specs: Mapping[str, Any]) -> Any:
    if isinstance(data, keras.utils.PyDataset):
        return CachedDataset(data, store)
    from keras_mtkd.teachers._tf_data import with_features

    return with_features(data, store, dict(specs))
