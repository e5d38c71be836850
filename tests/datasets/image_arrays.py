"""Small images that are noise, as MNIST and Fashion-MNIST come."""

import numpy as np

KINDS = ("mnist", "fashion_mnist")


def arrays(seed, n_train=60, n_test=12):
    generator = np.random.default_rng(seed)
    made = {}
    for part, n in (("train", n_train), ("test", n_test)):
        made[f"x_{part}"] = generator.integers(0, 256, (n, 28, 28)).astype("uint8")
        made[f"y_{part}"] = generator.integers(0, 10, n).astype("uint8")
    return made


def find(image, pool):
    """Rows of the images that are this one."""
    return [row for row, other in enumerate(pool) if (other == image).all()]
