"""SegNet and MTAN against the networks released with KD4MTL, under the same weights and data.

The fixtures hold numbers that PyTorch 2.13 gave with the authors' classes: predictions in
inference and in training, losses, distances, norms of all gradients and their projections on
random directions. Weights, inputs, labels, adaptors and teacher features were drawn as below.
"""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from forward import answers, gradients, weights_of_numpy
from helpers import BACKEND
from keras import ops
from scipy.special import log_softmax

import keras_mtkd as mtkd

HEADS = {"semantic": 13, "depth": 1, "normal": 3}
CASES = {"segnet": (64, 96), "mtan": (64, 64)}
BATCH = 2
DISTANCE_WEIGHTS = (1, 1, 2)
# Random weights and few pixels amplify rounding: in single precision the authors' own network is
# off by up to 3e-3 from itself in double precision.
GRADIENT = {"tensorflow": 1e-6, "jax": 2e-2}[BACKEND]
# How far directions may be off, the worst and the middle one: in single precision that depends on
# the processor. A gradient of something else is off by about its length.
WORST, MIDDLE = {"tensorflow": (3e-6, 3e-6), "jax": (0.3, 0.04)}[BACKEND]


def layers_in_order(model):
    """Layers with weights, as they were made, which is the order in which they run."""

    def place(layer):
        for number, task in enumerate(HEADS):
            if layer.name == f"{task}_head":
                return 1, number, 0
            if layer.name == f"{task}_prediction":
                return 1, number, 1
        return 0, 0, int((re.search(r"_(\d+)$", layer.name) or ["", 0])[1])

    def of(kind):
        return sorted((la for la in model.layers if isinstance(la, kind)), key=place)

    convolutions, norms = of(keras.layers.Conv2D), of(keras.layers.BatchNormalization)
    heads = convolutions[-2 * len(HEADS) :]
    return [la for pair in zip(convolutions, norms, strict=False) for la in pair] + heads


def fill(model):
    """Weights from one generator; returns the trainable ones in the order of the fixtures."""
    generator = np.random.default_rng(7)
    variables = []
    for layer in layers_in_order(model):
        if isinstance(layer, keras.layers.Conv2D):
            height, width, inputs, outputs = layer.kernel.shape
            scale = np.sqrt(2 / (height * width * (inputs + outputs)))
            kernel = generator.normal(size=layer.kernel.shape) * scale
            layer.kernel.assign(kernel)
            layer.bias.assign(0.1 * generator.normal(size=outputs))
            variables += [layer.kernel, layer.bias]
        else:
            size = layer.gamma.shape[0]
            layer.gamma.assign(1 + 0.1 * generator.normal(size=size))
            layer.beta.assign(0.1 * generator.normal(size=size))
            layer.moving_mean.assign(0.1 * generator.normal(size=size))
            layer.moving_variance.assign(1 + 0.1 * np.abs(generator.normal(size=size)))
            variables += [layer.gamma, layer.beta]
    return variables


def data(height, width):
    generator, shape = np.random.default_rng(3), (BATCH, height, width)
    x = generator.normal(size=(*shape, 3)).astype(keras.config.floatx())
    semantic = generator.integers(-1, 13, size=shape)
    depth = np.abs(generator.normal(size=(*shape, 1))) + 0.1
    depth[generator.random((*shape, 1)) < 0.2] = 0
    normal = generator.normal(size=(*shape, 3))
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    normal[depth[..., 0] == 0] = 0
    labels = {"semantic": semantic, "depth": depth, "normal": normal}
    return x, {
        task: y.astype("int32" if task == "semantic" else keras.config.floatx())
        for task, y in labels.items()
    }


def taps_of(name):
    if name == "segnet":
        return [("encoder", "decoder")] * len(HEADS)
    return [(f"encoder_{task}", f"decoder_{task}") for task in HEADS]


def task_losses():
    return {
        "semantic": keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1),
        "depth": mtkd.losses.MaskedMeanAbsoluteError(),
        "normal": mtkd.losses.NormalCosine(),
    }


class Case:
    def __init__(self, name):
        self.name, self.size = name, CASES[name]
        keras.backend.clear_session()
        make = getattr(mtkd.models, name)
        with weights_of_numpy(0):
            self.model = make((*self.size, 3), HEADS)
        self.variables = fill(self.model)
        self.taps = taps_of(name)
        names = dict.fromkeys(tap for pair in self.taps for tap in pair)
        layers = {tap: self.model.get_layer(tap).output for tap in names}
        self.tapped = keras.Model(self.model.input, {**self.model.output, **layers})
        self.x, self.y = data(*self.size)
        path = Path(__file__).parent / "fixtures" / f"{name}_authors.npz"
        self.expected = dict(np.load(path))

    def terms(self):
        """Of every task and tap an adaptor and the teacher's feature, from one generator."""
        generator, drawn = np.random.default_rng(11), []
        for tap in (tap for pair in self.taps for tap in pair):
            _, height, width, channels = self.tapped.output[tap].shape
            adaptor = generator.normal(size=(channels, channels)) * np.sqrt(1 / channels)
            drawn.append((adaptor, generator.normal(size=(BATCH, height, width, channels))))
        return drawn

    def objective(self, outputs, y, terms):
        """Total, task losses and distances."""
        distance, terms = mtkd.losses.NormalizedL2(), iter(terms)
        distances = []
        for pair in self.taps:
            value = 0.0
            for tap in pair:
                adaptor, teacher = next(terms)
                value += distance(teacher, ops.matmul(outputs[tap], adaptor))
            distances.append(value)
        losses = [loss(y[task], outputs[task]) for task, loss in task_losses().items()]
        taught = sum(w * d for w, d in zip(DISTANCE_WEIGHTS, distances, strict=True))
        return sum(losses) + taught, (losses, distances)


@pytest.fixture(scope="module")
def _precision():
    """Double on TensorFlow. On JAX Keras' batch normalisation is single in any case."""
    if BACKEND == "tensorflow":
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def case(request, _precision):
    return Case(request.param)


def close(found, expected, tolerance):
    """Relative to the largest value, since single values cross zero."""
    found, expected = np.asarray(found, "float64"), np.asarray(expected, "float64")
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= tolerance * np.abs(expected).max()


def normalised(logits):
    return log_softmax(np.asarray(logits), axis=-1)


@pytest.mark.parametrize("case", CASES, indirect=True)
def test_outputs(case):
    found, expected = answers(case.tapped, case.x), case.expected
    close(normalised(found["semantic"])[:, ::16, ::16], expected["semantic"], 1e-4)
    for task in ("depth", "normal"):
        close(found[task][:, ::16, ::16], expected[task], 1e-4)
    encoder, decoder = case.taps[0]
    close(found[encoder][..., ::16], expected["encoder"], 1e-4)
    close(found[decoder][:, ::16, ::16, ::8], expected["decoder"], 1e-4)


# To compile MTAN's gradients alone takes XLA as long as all of SegNet takes.
AT_ONCE = ["segnet", pytest.param("mtan", marks=[pytest.mark.slow] * (BACKEND == "jax"))]


@pytest.mark.parametrize("case", AT_ONCE, indirect=True)
def test_losses_distances_and_gradients(case):
    total, (losses, distances), outputs, found = gradients(
        case.tapped, case.x, case.objective, case.y, case.terms()
    )
    place = {id(variable): n for n, variable in enumerate(case.tapped.trainable_variables)}
    grads = [np.asarray(found[place[id(variable)]], "float64") for variable in case.variables]
    expected = case.expected
    close(normalised(outputs["semantic"])[:, ::16, ::16], expected["train_semantic"], 1e-4)
    np.testing.assert_allclose([float(v) for v in losses], expected["losses"], rtol=1e-5)
    np.testing.assert_allclose([float(v) for v in distances], expected["distances"], rtol=1e-5)
    assert float(total) == pytest.approx(float(expected["total"]), rel=1e-5)
    generator = np.random.default_rng(5)
    projections = [(grad * generator.normal(size=grad.shape)).sum() for grad in grads]
    norms = np.array([np.linalg.norm(grad) for grad in grads])
    # A bias before batch normalisation has no gradient but rounding errors.
    real = expected["gradient_norms"] > 1e-4 * expected["gradient_norms"].max()
    assert real.sum() > len(real) / 2
    np.testing.assert_allclose(norms[real], expected["gradient_norms"][real], rtol=GRADIENT)
    error = (np.abs(projections - expected["gradient_projections"]) / norms)[real]
    assert error.max() <= WORST
    assert np.median(error) <= MIDDLE
