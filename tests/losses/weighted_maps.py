"""Maps with weights and masks of samples and of positions, and what these make of values."""

import keras
import numpy as np

from keras_mtkd._backend.keras_compat import set_keras_mask

GENERATOR = np.random.default_rng(0)
BATCH, HEIGHT, WIDTH, CHANNELS = 3, 3, 2, 4
TEACHER, STUDENT = GENERATOR.normal(size=(2, BATCH, HEIGHT, WIDTH, CHANNELS))
ONE = (slice(None), slice(None), slice(None), slice(0, 1))
CLASSES = GENERATOR.integers(-1, CHANNELS, size=(BATCH, HEIGHT, WIDTH))
DEPTH = GENERATOR.uniform(1, 3, size=(BATCH, HEIGHT, WIDTH, 1))
DEPTH[GENERATOR.random(DEPTH.shape) < 0.3] = 0.0
NORMAL = TEACHER[..., :3] / np.linalg.norm(TEACHER[..., :3], axis=-1, keepdims=True)
NORMAL[GENERATOR.random(NORMAL.shape[:-1]) < 0.3] = 0.0
POSITIONS = GENERATOR.uniform(0.2, 2.0, size=(BATCH, HEIGHT, WIDTH))
POSITIONS[GENERATOR.random(POSITIONS.shape) < 0.3] = 0.0
SAMPLES = np.array([2.0, 0.0, 0.5])
MASK = GENERATOR.random(POSITIONS.shape) < 0.6
MASK[:, 0, 0] = True


def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def kl(teacher, student):
    one, other = log_softmax(teacher / 2), log_softmax(student / 2)
    return 4 * np.sum(np.exp(one) * (one - other), axis=-1)


def squares(one, other):
    return ((one - other) ** 2).mean(-1)


def spread(weight, shape=POSITIONS.shape):
    if weight is None:
        return np.ones(shape)
    weight = weight[..., 0] if weight.ndim > 3 or weight.shape == (BATCH, 1) else weight
    return np.broadcast_to(weight.reshape(weight.shape + (1,) * (3 - weight.ndim)), shape)


def expected(values, labelled, weight):
    labelled = np.broadcast_to(labelled, values.shape)
    return np.sum(np.where(labelled, values, 0) * spread(weight)) / labelled.sum()


def masked(array, mask):
    tensor = keras.ops.convert_to_tensor(array.astype("float32"))
    set_keras_mask(tensor, keras.ops.convert_to_tensor(mask))
    return tensor
