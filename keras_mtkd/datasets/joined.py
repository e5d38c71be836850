"""Several data sets, each labelled for tasks of its own, as one stream."""

import hashlib
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.choices import check_choice
from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._data.array_dataset import as_dataset
from keras_mtkd._data.content import content
from keras_mtkd.losses.task_losses import labels_of, per_task

BATCHES = ("mixed", "per-task")
BALANCES = ("balanced", "proportional")


@mtkd_export("keras_mtkd.datasets.join")
def join(
    sources: Mapping[str, keras.utils.PyDataset],
    batches: str = "mixed",
    balance: str = "balanced",
    seed: int = 0,
) -> "JoinedDataset":
    """Mix data sets with labels for different tasks into one, missing labels weighted 0.

    * `batches="mixed"`: a step has one batch of every source that is due, put together.
    * `batches="per-task"`: a step has a batch of one source; sources take turns at random.
    * `balance="balanced"`: every source gives as many batches an epoch as the largest has,
      the smaller ones again and again.
    * `balance="proportional"`: every batch comes once an epoch.

    A task without labels in a batch has weights of 0 there and contributes exactly nothing to the
    loss. Its teacher can still teach on it: `use_sample_weight=False`, or `"missing"`.

    **Batch normalisation.** With mixed batches all sources are normalised together, as they will
    be at inference. Per-task batches are normalised each by itself in training, but by common
    moving averages at inference: where the sources look different, use mixed batches, or
    layers that do not depend on the batch.

    With JAX every new shape of a batch is compiled: prefer sources whose batches are all of one
    size. Mixed and proportional batches vary most.

    Args:
        sources: `{name: PyDataset}` giving `(x, {task: y})` or `(x, {task: y}, {task: weights})`,
            or such arrays, which become a shuffled `ArrayDataset`.
            Shuffle inside them; a source whose batches are read again is not reshuffled before
            the next epoch.
        batches: As above.
        balance: As above.
        seed: Seed of the turns of `"per-task"` batches.

    Returns:
        A `PyDataset` of batches `(x, {task: y}, {task: weights})` with all tasks.

    Raises:
        ValueError: If there is no source, a source is empty or of unknown length, an option is
            not known, or two sources label one task with different shapes or dtypes.
        TypeError: If a source is neither a `PyDataset` nor arrays.
    """
    return JoinedDataset(sources, batches, balance, seed)


class JoinedDataset(keras.utils.PyDataset):
    """See `join`."""

    def __init__(
        self, sources: Mapping[str, keras.utils.PyDataset], batches: str, balance: str, seed: int
    ) -> None:
        super().__init__()
        check_choice("batches", batches, BATCHES)
        check_choice("balance", balance, BALANCES)
        self.sources = {
            name: as_dataset(source, shuffle=True, role=f"source '{name}'")
            for name, source in sources.items()
        }
        self.batches, self.balance, self.seed = batches, balance, seed
        self._lengths = {name: _length(name, source) for name, source in self.sources.items()}
        if not self._lengths:
            raise ValueError("There is no source to join. Pass `{name: PyDataset}`.")
        self._labels = _layouts(self.sources)
        self.reset()

    @property
    def tasks(self) -> list[str]:
        """All tasks that any source labels."""
        return list(self._labels)

    def reset(self, seed: int | None = None) -> None:
        """Begin again with the order of the first epoch, by default under the same seed."""
        self.seed = self.seed if seed is None else seed
        self.epoch = 0
        for source in self.sources.values():
            if hasattr(source, "reset"):
                source.reset(seed)
        self._turns = self._turns_of(0)

    def set_epoch(self, epoch: int) -> None:
        """Take the order of an epoch; sources take theirs if they can."""
        self.epoch = epoch
        for source in self.sources.values():
            if hasattr(source, "set_epoch"):
                source.set_epoch(epoch)
        self._turns = self._turns_of(epoch)

    def on_epoch_begin(self) -> None:
        for source in self.sources.values():
            source.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.epoch += 1
        for source in self.sources.values():
            source.on_epoch_end()
        self._turns = self._turns_of(self.epoch)

    @property
    def num_batches(self) -> int:
        return len(self._turns)

    def __len__(self) -> int:
        return self.num_batches

    def __getitem__(self, index: int) -> tuple[Any, Any, Any]:
        turn = self._turns[index]
        parts = [self._complete(self.sources[name][number]) for name, number in turn]
        if len(parts) == 1:
            return parts[0]
        return keras.tree.map_structure(lambda *arrays: np.concatenate(arrays), *parts)

    def fingerprint(self) -> str:
        """A hash of the sources' content and of how they are joined."""
        hashes = [content(source, f"source '{name}'") for name, source in self.sources.items()]
        text = str((list(self.sources), hashes, self.batches, self.balance, self.seed))
        return hashlib.sha256(text.encode()).hexdigest()

    def fingerprint_before(self) -> str:
        """The hash by which folders know the data that do not say which version kept them."""
        asked = [getattr(each, "fingerprint_before", None) for each in self.sources.values()]
        hashes = [tell() for tell in asked if tell is not None]
        text = str((list(self.sources), hashes, self.batches, self.balance, self.seed))
        return hashlib.sha256(text.encode()).hexdigest()

    def _turns_of(self, epoch: int) -> list[list[tuple[str, int]]]:
        """For every step, which batches of which sources it is made of."""
        longest = max(self._lengths.values())
        counts = self._lengths
        if self.balance == "balanced":
            counts = dict.fromkeys(self._lengths, longest)
        if self.batches == "per-task":
            single = [
                (name, i % self._lengths[name]) for name, n in counts.items() for i in range(n)
            ]
            order = np.random.default_rng([self.seed, epoch]).permutation(len(single))
            return [[single[place]] for place in order]
        return [
            [
                (name, (step * n // longest) % self._lengths[name])
                for name, n in counts.items()
                if step == 0 or step * n // longest != (step - 1) * n // longest
            ]
            for step in range(longest)
        ]

    def _complete(self, batch: Any) -> tuple[Any, Any, Any]:
        """The batch with labels and weights for all tasks."""
        x, y, given = _parts(batch)
        size = len(keras.tree.flatten(x)[0])
        labels, weights = {}, {}
        for task, layout in self._labels.items():
            if task in y:
                labels[task] = np.asarray(y[task])
                weight = given.get(task, np.ones(size))
                weights[task] = np.asarray(weight, "float32")
            else:
                labels[task] = np.zeros((size, *layout.shape[1:]), layout.dtype)
                weights[task] = np.zeros((size, *layout.weight_shape), "float32")
        return x, labels, weights


class _Layout:
    """Shape and dtype of a task's labels, and the shape of one sample's weight."""

    def __init__(self, label: Any, weight: Any) -> None:
        array = np.asarray(label)
        self.shape, self.dtype = array.shape, array.dtype
        self.weight_shape = () if weight is None else np.asarray(weight).shape[1:]


def _parts(batch: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Inputs of a batch as `fit` takes it, and labels and weights of the tasks that have some."""
    x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
    labels = labels_of(y)
    return x, labels, per_task(weights, list(labels))


def _layouts(sources: Mapping[str, keras.utils.PyDataset]) -> dict[str, _Layout]:
    layouts: dict[str, _Layout] = {}
    for name, source in sources.items():
        _, labels, weights = _parts(source[0])
        for task, label in labels.items():
            new = _Layout(label, weights.get(task))
            old = layouts.setdefault(task, new)
            if (old.shape[1:], old.dtype, old.weight_shape) != (
                new.shape[1:],
                new.dtype,
                new.weight_shape,
            ):
                raise ValueError(
                    f"Source '{name}' labels task '{task}' with shape {new.shape}, {new.dtype} and "
                    f"weights of shape {new.weight_shape} a sample; another source with shape "
                    f"{old.shape}, {old.dtype} and {old.weight_shape}."
                )
    return layouts


def _length(name: str, source: Any) -> int:
    if not isinstance(source, keras.utils.PyDataset):
        raise TypeError(
            f"Source '{name}' must be a `keras.utils.PyDataset` or arrays `(x, {{task: y}})`, so "
            f"that its batches can be read in any order. Received: {type(source).__name__}."
        )
    if not source.num_batches:
        raise ValueError(f"Source '{name}' is empty or of unknown length.")
    return int(source.num_batches)
