"""NYUv2 and Cityscapes from folders of NPY files."""

import numpy as np
import pytest
from npy_files import COUNTS, SLIM, arrays

import keras_mtkd as mtkd
from keras_mtkd.datasets.loading import PROBLEMS


class TestFolders:
    def test_pictures_come_with_their_labels(self, folder):
        problem = mtkd.datasets.nyuv2(folder, widths=SLIM)
        assert list(problem.tasks) == ["semantic", "depth", "normal"]
        seen = 0
        for index in range(len(problem.test)):
            x, y = problem.test[index]
            for image, *labels in zip(x, y["semantic"], y["depth"], y["normal"], strict=True):
                made = arrays(100 + seen)
                np.testing.assert_allclose(image, made["image"], rtol=1e-6)
                for label, kind in zip(labels, ("label", "depth", "normal"), strict=True):
                    np.testing.assert_allclose(label, made[kind], rtol=1e-6)
                seen += 1
        assert seen == COUNTS["val"]
        assert x.dtype == "float32"
        assert y["semantic"].dtype == "int32"

    def test_the_published_protocol_trains_on_everything(self, folder):
        problem = mtkd.datasets.nyuv2(folder, widths=SLIM)
        assert len(problem.train.numbers) == COUNTS["train"]
        held = mtkd.datasets.nyuv2(folder, widths=SLIM, held_out=1 / 3)
        assert (len(held.train.numbers), len(held.validation.numbers)) == (4, 2)
        assert not set(held.train.numbers) & set(held.validation.numbers)

    def test_cityscapes(self, folder):
        for classes in (7, 19):
            problem = mtkd.datasets.cityscapes(folder, classes, widths=SLIM)
            assert list(problem.tasks) == ["semantic", "depth"]
            assert problem.student().output["semantic"].shape[-1] == classes
        with pytest.raises(ValueError, match="Received: classes=8"):
            mtkd.datasets.cityscapes(folder, 8)

    def test_it_trains(self, folder):
        problem = mtkd.datasets.nyuv2(folder, widths=SLIM, augment=True)
        problem.validate()
        learner = mtkd.MultiTaskDistiller(problem.student(), {})
        learner.compile("sgd", loss=problem.losses())
        assert np.isfinite(learner.fit(problem.train, verbose=0).history["loss"]).all()

    def test_by_name(self, folder):
        for name in ("nyuv2", "cityscapes"):
            problem = mtkd.datasets.load(name, folder)
            assert problem.name == name
            assert PROBLEMS[name].tasks == tuple(problem.tasks)
            with pytest.raises(ValueError, match=f"'{name}' needs the folder.*MTAN.*`--path`"):
                mtkd.datasets.load(name)
