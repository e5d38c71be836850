"""Maps of which some positions have no label, and the value that a metric gives them."""

import numpy as np

GENERATOR = np.random.default_rng(0)
SHAPE = BATCH, HEIGHT, WIDTH = (3, 3, 4)
CLASSES = 3
SEMANTIC = GENERATOR.integers(0, CLASSES, size=SHAPE)
SEMANTIC[GENERATOR.random(SHAPE) < 0.2] = -1
LOGITS = GENERATOR.normal(size=(*SHAPE, CLASSES)).astype("float32")
DEPTH = GENERATOR.uniform(1, 4, size=(*SHAPE, 1)).astype("float32")
DEPTH[GENERATOR.random(SHAPE) < 0.2] = 0.0
GUESS = GENERATOR.uniform(1, 4, size=(*SHAPE, 1)).astype("float32")
NORMAL, TURNED = (
    (side / np.linalg.norm(side, axis=-1, keepdims=True)).astype("float32")
    for side in GENERATOR.normal(size=(2, *SHAPE, 3))
)
NORMAL[GENERATOR.random(SHAPE) < 0.2] = 0.0
PIXELS = GENERATOR.integers(0, 3, size=SHAPE).astype("float32")
PIXELS[:, 0, 0] = 2.0  # so that all pictures weigh alike
SAMPLES = np.array([2.0, 0.0, 1.0], "float32")
VALID = NORMAL.any(-1)


def value(metric, truth, guess, weight=None, batches=((0, BATCH),)):
    for start, end in batches:
        part = None if weight is None else weight[start:end]
        metric.update_state(truth[start:end], guess[start:end], part)
    return float(metric.result())
