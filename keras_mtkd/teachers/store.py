"""Arrays on disk, a row a sample, found by the content of the sample."""

import contextlib
import os
import shutil
import socket
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

_HASHES = "samples"


def _new_name() -> str:
    """The name of a shard that no other process gives, and that tells who is writing it."""
    return f"shard-{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _is_abandoned(partial: Path) -> bool:
    """Whether a shard is half written by a process of this machine that is gone."""
    host, process = partial.name.removeprefix(".shard-").rsplit("-", 2)[:2]
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return int(process) == os.getpid()


class Store:
    """Shards of rows in a folder, each a folder of `.npy` files, whole or absent.

    Several processes may fill one folder: each writes shards of its own, and of rows that two of
    them wrote one counts.

    Args:
        directory: The folder.
        keys: Names of the arrays.
        shard_bytes: About how large a shard may get.
    """

    def __init__(self, directory: Path, keys: Iterable[str], shard_bytes: int) -> None:
        self.directory, self.keys, self.shard_bytes = directory, list(keys), shard_bytes
        self._waiting: list[tuple[np.ndarray, dict[str, np.ndarray]]] = []
        for leftover in directory.glob(".shard-*"):
            if _is_abandoned(leftover):
                shutil.rmtree(leftover, ignore_errors=True)
        self._open()

    def __len__(self) -> int:
        return len(self._hashes)

    def knows(self, hashes: np.ndarray) -> np.ndarray:
        """Which samples are there, `(batch,)` booleans."""
        if not len(self._hashes):
            return np.zeros(len(hashes), bool)
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        return self._hashes[places] == hashes

    def read(self, hashes: np.ndarray) -> dict[str, np.ndarray]:
        """Rows of samples that are there, `{key: (batch, ...)}`."""
        places = np.searchsorted(self._hashes, hashes)
        shards, rows = self._shard[places], self._row[places]
        found = {}
        for key in self.keys:
            example = self._arrays[0][key]
            found[key] = np.empty((len(hashes), *example.shape[1:]), example.dtype)
            for shard in np.unique(shards):
                here = shards == shard
                found[key][here] = self._arrays[shard][key][rows[here]]
        return found

    def add(self, hashes: np.ndarray, rows: Mapping[str, np.ndarray]) -> None:
        """Take rows in; they are on disk when their shard is full, or after `flush`."""
        self._waiting.append((hashes, dict(rows)))
        size = sum(part.nbytes for _, arrays in self._waiting for part in arrays.values())
        if size >= self.shard_bytes:
            self.flush()

    def flush(self) -> None:
        """Write what waits as a shard, and open everything for reading."""
        if self._waiting:
            hashes = np.concatenate([hashes for hashes, _ in self._waiting])
            arrays = {
                key: np.concatenate([rows[key] for _, rows in self._waiting]) for key in self.keys
            }
            self._write({_HASHES: hashes, **arrays})
            self._waiting = []
        self._open()

    def _write(self, arrays: Mapping[str, np.ndarray]) -> None:
        name = _new_name()
        partial = self.directory / f".{name}"
        try:
            partial.mkdir(parents=True)
            for number, values in enumerate(arrays.values()):
                np.save(partial / f"{number}.npy", values)
            os.rename(partial, self.directory / name)
        finally:
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(partial)

    def _open(self) -> None:
        """Map every shard into memory; only rows that are asked for are read."""
        self._arrays = []
        hashes, shards, rows = [], [], []
        for number, folder in enumerate(sorted(self.directory.glob("shard-*"))):
            here = np.load(folder / "0.npy")
            hashes.append(here)
            shards.append(np.full(len(here), number))
            rows.append(np.arange(len(here)))
            self._arrays.append(
                {
                    key: np.load(folder / f"{place}.npy", mmap_mode="r")
                    for place, key in enumerate(self.keys, start=1)
                }
            )
        joined = np.concatenate(hashes) if hashes else np.zeros(0, "uint64")
        self._hashes, first = np.unique(joined, return_index=True)
        self._shard = np.concatenate(shards)[first] if shards else np.zeros(0, int)
        self._row = np.concatenate(rows)[first] if rows else np.zeros(0, int)
