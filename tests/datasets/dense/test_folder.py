"""Pictures and labels from folders of NPY files."""

import numpy as np
import pytest
from npy_files import SHAPE, SLIM

import keras_mtkd as mtkd


def pictures(data):
    """All pictures of an epoch by their first pixel."""
    batches = [data[index] for index in range(len(data))]
    data.on_epoch_end()
    return [float(image[0, 0, 0]) for x, _ in batches for image in x]


class TestFolders:
    def test_order_depends_on_seed_and_epoch_alone(self, folder):
        data = mtkd.datasets.nyuv2(folder, widths=SLIM, seed=1).train
        first, second = pictures(data), pictures(data)
        assert sorted(first) == sorted(second)
        assert first != second
        data.reset(1)
        assert pictures(data) == first

    def test_missing_and_damaged_files_are_named_before_training(self, folder):
        lost = folder / "train" / "depth" / "3.npy"
        kept = lost.read_bytes()
        lost.unlink()
        with pytest.raises(FileNotFoundError, match=r"depth/3\.npy' is missing"):
            mtkd.datasets.nyuv2(folder)
        for damage in (kept[: len(kept) // 2], b"", b"\x93NUMPY nonsense"):
            lost.write_bytes(damage)
            with pytest.raises(ValueError, match=r"depth/3\.npy' is damaged"):
                mtkd.datasets.nyuv2(folder)
        np.save(lost, np.zeros((*SHAPE, 2)))
        with pytest.raises(ValueError, match=r"depth/3\.npy' must have shape \(32, 64, 1\)"):
            mtkd.datasets.nyuv2(folder)
        with pytest.raises(FileNotFoundError, match="There is no folder"):
            mtkd.datasets.nyuv2(folder / "elsewhere")
        with pytest.raises(ValueError, match="Received: held_out=1"):
            mtkd.datasets.nyuv2(folder, held_out=1)

    def test_fingerprint(self, folder):
        def fingerprint():
            return mtkd.datasets.nyuv2(folder, widths=SLIM).fingerprint()

        before = fingerprint()
        assert fingerprint() == before
        np.save(folder / "train" / "depth" / "3.npy", np.zeros((*SHAPE, 1), "float32"))
        assert fingerprint() != before
