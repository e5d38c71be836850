"""Shards of features in a folder."""

import os
import socket
import subprocess

import numpy as np

from keras_mtkd.teachers.store import Store


def test_several_processes_may_fill_one_folder(tmp_path):
    hashes, rows = np.arange(6, dtype="uint64"), np.random.default_rng(0).normal(size=(6, 2))
    one, other = Store(tmp_path, ["a"], 10**6), Store(tmp_path, ["a"], 10**6)
    one.add(hashes[:4], {"a": rows[:4]})
    other.add(hashes[2:], {"a": rows[2:]})
    one.flush()
    other.flush()
    for store in (other, Store(tmp_path, ["a"], 10**6)):
        assert len(store) == 6
        np.testing.assert_array_equal(store.read(hashes[::-1])["a"], rows[::-1])


def test_only_half_written_shards_of_dead_processes_are_removed(tmp_path):
    ended = subprocess.Popen(["true"])
    ended.wait()
    host = socket.gethostname()
    names = {
        f".shard-{host}-{ended.pid}-1": False,
        f".shard-{host}-{os.getppid()}-2": True,
        ".shard-another-machine-1-3": True,
    }
    for name in names:
        (tmp_path / name).mkdir()
    Store(tmp_path, ["a"], 100)
    assert {name: (tmp_path / name).exists() for name in names} == names


def test_an_empty_store_knows_nothing(tmp_path):
    store = Store(tmp_path, ["a"], 100)
    assert len(store) == 0
    assert not store.knows(np.array([1, 2], "uint64")).any()
