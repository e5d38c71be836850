"""NYUv2 and Cityscapes from folders of NPY files, and the augmentation."""

import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd.datasets.dense.augmentation import enlarge, nearest, scale_crop_flip

SHAPE = (32, 64)
SLIM = (4,)
COUNTS = {"train": 6, "val": 3}


def arrays(number, classes=13):
    generator = np.random.default_rng(number)
    normal = generator.normal(size=(*SHAPE, 3))
    return {
        "image": generator.uniform(size=(*SHAPE, 3)),
        "label": generator.integers(-1, classes, size=SHAPE).astype("float64"),
        "depth": generator.uniform(1, 5, size=(*SHAPE, 1)),
        "normal": normal / np.linalg.norm(normal, axis=-1, keepdims=True),
    }


@pytest.fixture
def folder(tmp_path):
    for part, count in COUNTS.items():
        for number in range(count):
            made = arrays(number + 100 * (part == "val"))
            made |= {"label_7": made["label"] % 7, "label_19": made["label"]}
            for kind, values in made.items():
                path = tmp_path / part / kind / f"{number}.npy"
                path.parent.mkdir(parents=True, exist_ok=True)
                np.save(path, values.astype("float32"))
    return tmp_path


def pictures(data):
    """All pictures of an epoch by their first pixel."""
    batches = [data[index] for index in range(len(data))]
    data.on_epoch_end()
    return [float(image[0, 0, 0]) for x, _ in batches for image in x]


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

    def test_order_depends_on_seed_and_epoch_alone(self, folder):
        data = mtkd.datasets.nyuv2(folder, widths=SLIM, seed=1).train
        first, second = pictures(data), pictures(data)
        assert sorted(first) == sorted(second)
        assert first != second
        data.reset(1)
        assert pictures(data) == first

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
        assert mtkd.datasets.load("nyuv2", folder).name == "nyuv2"
        assert mtkd.datasets.load("cityscapes", folder).name == "cityscapes"
        for name in ("nyuv2", "cityscapes"):
            with pytest.raises(ValueError, match=f"'{name}' needs the folder"):
                mtkd.datasets.load(name)

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


class Fixed:
    """Chance that always draws the same."""

    def __init__(self, scale, flip, corner=(0, 0)):
        self.scale, self.flip, self.corner = scale, flip, np.array(corner)

    def choice(self, values):
        return self.scale

    def integers(self, low, high):
        return self.corner

    def random(self):
        return 0.0 if self.flip else 0.9


class TestAugmentation:
    def labels(self):
        made = arrays(0)
        labels = {"semantic": made["label"], "depth": made["depth"], "normal": made["normal"]}
        return made["image"], labels

    def test_a_flip_turns_the_normals_x(self):
        image, labels = self.labels()
        flipped, made = scale_crop_flip(image, labels, Fixed(1.0, True))
        np.testing.assert_allclose(flipped, image[:, ::-1])
        np.testing.assert_array_equal(made["semantic"], labels["semantic"][:, ::-1])
        np.testing.assert_array_equal(made["depth"], labels["depth"][:, ::-1])
        np.testing.assert_array_equal(made["normal"], labels["normal"][:, ::-1] * [-1, 1, 1])

    @pytest.mark.parametrize("inverse", [False, True])
    def test_what_is_enlarged_is_nearer(self, inverse):
        image, labels = self.labels()
        large, made = scale_crop_flip(
            image, labels, Fixed(2.0, False, (3, 5)), inverse_depth=inverse
        )
        assert large.shape == image.shape
        window = slice(3, 3 + SHAPE[0] // 2), slice(5, 5 + SHAPE[1] // 2)
        factor = 2.0 if inverse else 0.5
        np.testing.assert_allclose(made["depth"][::2, ::2], factor * labels["depth"][window])
        np.testing.assert_array_equal(made["semantic"][::2, ::2], labels["semantic"][window])
        np.testing.assert_allclose(large[0, 0], image[3, 5])

    def test_enlarging(self):
        ramp = np.arange(6.0)[:, None] + 10 * np.arange(4.0)
        found = enlarge(ramp[..., None], 11, 7)[..., 0]
        np.testing.assert_allclose(found, np.linspace(0, 5, 11)[:, None] + np.linspace(0, 30, 7))
        np.testing.assert_array_equal(nearest(ramp, 12, 8), ramp.repeat(2, 0).repeat(2, 1))

    def test_rooms_stay_consistent(self):
        """Mirrored and enlarged depth gives the mirrored normals, at the new focal length."""
        from keras_mtkd.datasets.dense.scene import FOCAL, render

        view = render(np.random.default_rng(3), 96, 96)
        labels = {"depth": view.depth, "normal": view.normal}
        _, made = scale_crop_flip(view.image, labels, Fixed(1.0, True))
        derived = mtkd.datasets.normals_from_depth(made["depth"], FOCAL * 96)
        cosines = (derived * made["normal"]).sum(-1)[1:-1, 1:-1]
        assert np.median(cosines) > 0.9999
