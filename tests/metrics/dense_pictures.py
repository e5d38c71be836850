"""Pictures with labels of every pixel, and what a model may say of them."""

import numpy as np

CLASSES, SHAPE = 4, (7, 6, 5)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def pictures():
    """Seven pictures; the third has no label at all, class 3 is absent from most."""
    generator = np.random.default_rng(0)
    semantic = generator.integers(-1, CLASSES - 1, size=SHAPE)
    semantic[5, 0] = CLASSES - 1
    depth = generator.uniform(0.5, 4.0, size=(*SHAPE, 1))
    depth[generator.random(SHAPE) < 0.3] = 0.0
    normal = unit(generator.normal(size=(*SHAPE, 3)))
    normal[generator.random(SHAPE) < 0.3] = 0.0
    semantic[2], depth[2], normal[2] = -1, 0.0, 0.0
    return {
        "semantic": (semantic.astype("int32"), generator.normal(size=(*SHAPE, CLASSES))),
        "depth": (depth, depth + generator.normal(size=depth.shape)),
        "normal": (normal, unit(normal + 0.5 * generator.normal(size=normal.shape))),
    }
