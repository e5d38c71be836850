"""Made-up pictures and labels, as NYUv2 and Cityscapes are read from NPY files."""

import numpy as np

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
