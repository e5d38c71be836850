"""Host architectures: shapes, sharing, saving, and distillation on each."""

import keras
import numpy as np
import pytest
from forward import answers, weights_of_numpy
from keras import layers

import keras_mtkd as mtkd
from keras_mtkd import models
from keras_mtkd.layers import CrossStitch, ExpertMixture

SLIM = (4, 6)
DENSE = {"semantic": 5, "depth": 1, "normal": 3}
TWO = {"semantic": 5, "normal": 3}
SHAPE = (32, 32, 3)


def vector_backbone():
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dense(8, "relu", name="features")(inputs))


def small_resnet():
    inputs = keras.Input(SHAPE)
    x = layers.Conv2D(4, 3, strides=2, padding="same", name="stem")(inputs)
    for number in (1, 2, 3):
        x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name=f"c{number}")(x)
        x = layers.Conv2D(4, 3, padding="same", activation="relu", name=f"d{number}")(x)
    return keras.Model(inputs, x)


def dense_layers():
    return {"a": layers.Dense(3), "b": layers.Dense(1)}


def dense_expert():
    return layers.Dense(4, "relu")


# As few stages as do: `test_fidelity.py` has all of the published ones.
CASES = {
    "segnet": (lambda: models.segnet(SHAPE, DENSE, widths=SLIM), ["encoder", "decoder"]),
    "mtan": (
        lambda: models.mtan(SHAPE, {"depth": 1, "normal": 3}, widths=(4,)),
        ["encoder_depth", "decoder_normal"],
    ),
    "aspp": (
        lambda: models.aspp(models.dilated(small_resnet()), TWO, SHAPE[:2], width=4, rates=(2, 3)),
        ["d3", "pyramid_semantic"],
    ),
    "cross_stitch": (
        lambda: models.cross_stitch(
            (6,), [lambda: layers.Dense(8, "relu"), lambda: layers.Dense(4)], dense_layers()
        ),
        ["stage1_a", "stage2_b"],
    ),
    "mmoe": (
        lambda: models.mmoe(vector_backbone(), dense_layers(), dense_expert, experts=3),
        ["features", "mixture_b"],
    ),
    "ple": (
        lambda: models.ple(vector_backbone(), dense_layers(), [dense_expert, dense_expert]),
        ["level1_a", "level2_b"],
    ),
}


@pytest.fixture(scope="module", autouse=True)
def _weights_of_numpy():
    with weights_of_numpy():
        yield


class Case:
    """An architecture, itself again from a file, and a distiller in which that one teaches."""

    def __init__(self, name, path):
        make, self.taps = CASES[name]
        keras.utils.set_random_seed(0)
        self.model = make()
        shape = (4, *self.model.input.shape[1:])
        self.x = np.random.default_rng(0).normal(size=shape).astype("float32")
        self.outputs = answers(self.model, self.x)
        self.model.save(path)
        self.loaded = keras.saving.load_model(path)
        self.of_loaded = answers(self.loaded, self.x)
        for variable in self.loaded.trainable_variables:
            variable.assign_add(0.1 * np.random.normal(size=variable.shape))
        ways = [mtkd.FeatureDistillation(tap) for tap in self.taps]
        teachers = dict.fromkeys(self.model.output, self.loaded)
        self.distiller = mtkd.MultiTaskDistiller(self.model, teachers, ways)
        self.distiller.compile(keras.optimizers.SGD(1.0), loss="mse")
        self.weights = self.distiller.get_weights()

    def learn(self, y, strength):
        """One step from the first weights, of which `strength` is the share of the teachers."""
        self.distiller.set_weights(self.weights)
        count = len(self.distiller.task_names)
        self.distiller.distillation_weights.assign(np.full(count, strength))
        return self.distiller.fit(self.x, y, verbose=0).history


@pytest.fixture(scope="module", params=list(CASES))
def case(request, tmp_path_factory):
    return Case(request.param, tmp_path_factory.mktemp("case") / "model.keras")


def test_every_task_has_a_prediction_and_every_weight_a_use(case):
    dense = len(case.x.shape) == 4
    channels = {**DENSE, "a": 3, "b": 1}
    assert set(case.outputs) == set(case.model.output)
    for task, out in case.outputs.items():
        assert out.shape == ((4, *SHAPE[:2]) if dense else (4,)) + (channels[task],)
    if dense:
        lengths = np.linalg.norm(case.outputs["normal"], axis=-1)
        # Zero where all of a slim network's units are off.
        assert (abs(lengths - 1.0) < 1e-3).mean() > 0.9
        assert lengths.max() < 1.001
    case.learn({task: 10.0 + out for task, out in case.outputs.items()}, strength=0.0)
    before = dict(zip(map(id, case.distiller.weights), case.weights, strict=True))
    moved = [
        not np.array_equal(before[id(variable)], np.array(variable))
        for variable in case.model.trainable_variables
    ]
    # A bias before batch normalisation changes nothing, a dead unit may not move.
    assert np.mean(moved) > 0.6


def test_it_survives_saving(case):
    assert set(case.of_loaded) == set(case.outputs)
    for task, out in case.outputs.items():
        np.testing.assert_allclose(case.of_loaded[task], out, rtol=1e-5, atol=1e-6)


def test_it_can_be_distilled(case):
    """The same network with other weights teaches it, at the taps they share."""
    history = case.learn(case.outputs, strength=1.0)
    assert len(case.distiller.adaptors) == len(case.taps) * len(case.outputs)
    for task in case.model.output:
        assert 0.0 < history[f"{task}_distillation_loss"][0] < 4.0 * len(case.taps)


# Numbers of weights of the released networks, less their unused log-variances.
TRAINABLE = {"standard": 25055185, "wide": 43934161, "deep": 50807761}


def trainable(model):
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


class TestSegNet:
    def test_taps_are_the_published_ones(self):
        with weights_of_numpy(0):
            model = models.segnet((64, 96, 3), {"semantic": 13, "depth": 1, "normal": 3})
        assert model.get_layer("encoder").output.shape == (None, 2, 3, 512)
        assert model.get_layer("decoder").output.shape == (None, 64, 96, 64)
        assert trainable(model) == TRAINABLE["standard"]

    def test_variants(self):
        found = {}
        for variant in ("wide", "deep"):
            with weights_of_numpy(0):
                model = models.segnet(SHAPE, {"semantic": 13, "depth": 1, "normal": 3}, variant)
            found[variant] = trainable(model)
        assert found == {variant: TRAINABLE[variant] for variant in found}

    @pytest.mark.parametrize("make", [models.segnet, models.mtan])
    def test_refusals(self, make):
        with pytest.raises(ValueError, match=r"multiples of 32. Received: \(48, 64, 3\)"):
            make((48, 64, 3), DENSE)
        with pytest.raises(ValueError, match="at least one task"):
            make(SHAPE, {})
        with pytest.raises(ValueError, match="'depth' needs at least 1 channel"):
            make(SHAPE, {"depth": 0})
        with pytest.raises(ValueError, match="Received: variant='huge'"):
            make(SHAPE, DENSE, "huge")
        with pytest.raises(ValueError, match="positive numbers, one a stage"):
            make(SHAPE, DENSE, widths=(4, 0))
        with pytest.raises(ValueError, match=r"multiples of 4. Received: \(30, 32, 3\)"):
            make((30, 32, 3), DENSE, widths=(4, 4))

    @pytest.mark.parametrize(("make", "task"), [(models.segnet, ""), (models.mtan, "_depth")])
    def test_as_many_stages_as_widths(self, make, task):
        model = make((8, 12, 3), {"depth": 1}, widths=(4, 6))
        assert model.get_layer(f"encoder{task}").output.shape == (None, 2, 3, 6)
        assert model.get_layer(f"decoder{task}").output.shape == (None, 8, 12, 4)

    def test_heads_may_be_layers(self):
        model = models.segnet(SHAPE, {"edges": layers.Conv2D(2, 1)}, widths=(4,))
        assert model.output["edges"].shape == (None, 32, 32, 2)


class TestMixing:
    def test_cross_stitch_against_numpy(self):
        generator = np.random.default_rng(0)
        inputs = [generator.normal(size=(2, 5, 4)).astype("float32") for _ in range(3)]
        layer = CrossStitch(keep=0.8)
        started = layer(inputs)
        for number, out in enumerate(started):
            others = sum(inputs[other] for other in range(3) if other != number)
            np.testing.assert_allclose(
                out, 0.8 * inputs[number] + 0.1 * others, rtol=1e-5, atol=1e-6
            )
        layer.mixture.assign(generator.normal(size=(3, 3, 4)))
        expected = np.einsum("tsc,sbpc->tbpc", np.array(layer.mixture), np.stack(inputs))
        np.testing.assert_allclose(np.stack(layer(inputs)), expected, rtol=1e-4, atol=1e-5)
        with pytest.raises(ValueError, match="must have one shape"):
            CrossStitch()([inputs[0], inputs[1][:, :, :2]])
        with pytest.raises(ValueError, match="Received: keep=2"):
            CrossStitch(keep=2)

    @pytest.mark.parametrize("shape", [(3, 4), (3, 5, 6, 4)], ids=["vectors", "maps"])
    def test_experts_against_numpy(self, shape):
        generator = np.random.default_rng(0)
        gate = generator.normal(size=shape).astype("float32")
        experts = [generator.normal(size=(*shape[:-1], 2)).astype("float32") for _ in range(3)]
        layer = ExpertMixture()
        found = layer(gate, experts)
        seen = gate.reshape(3, -1, 4).mean(axis=1)
        scores = seen @ np.array(layer.dense.kernel) + np.array(layer.dense.bias)
        shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        shares = shares.reshape(3, *(1,) * (len(shape) - 1), 3)
        expected = sum(shares[..., e : e + 1][..., 0] * experts[e] for e in range(3))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)

    def test_refusals(self):
        with pytest.raises(ValueError, match="at least one stage"):
            models.cross_stitch((6,), [], dense_layers())
        with pytest.raises(ValueError, match="`experts` must be at least 1"):
            models.mmoe(vector_backbone(), dense_layers(), dense_expert, experts=0)
        with pytest.raises(ValueError, match="at least one task"):
            models.ple(vector_backbone(), {}, dense_expert)


class TestDilated:
    def test_strides_become_dilation(self):
        backbone = small_resnet()
        made = models.dilated(backbone, output_stride=4)
        assert backbone.output.shape == (None, 2, 2, 4)
        assert made.output.shape == (None, 8, 8, 4)
        strides = {layer.name: layer.strides[0] for layer in made.layers[1:]}
        dilation = {layer.name: layer.dilation_rate[0] for layer in made.layers[1:]}
        assert strides == {"stem": 2, "c1": 2, "d1": 1, "c2": 1, "d2": 1, "c3": 1, "d3": 1}
        assert dilation == {"stem": 1, "c1": 1, "d1": 1, "c2": 1, "d2": 2, "c3": 2, "d3": 4}

    def test_weights_are_copied(self):
        backbone = small_resnet()
        x = np.random.default_rng(0).normal(size=(1, *SHAPE)).astype("float32")
        made = models.dilated(backbone, output_stride=2)
        for one, other in zip(backbone.get_weights(), made.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        found = answers(made, x)
        assert found.shape == (1, 16, 16, 4)
        assert np.isfinite(found).all()

    def test_on_a_network_of_keras(self):
        with weights_of_numpy(0):
            network = keras.applications.ResNet50(
                include_top=False, weights=None, input_shape=(64, 64, 3)
            )
            made = models.dilated(network, output_stride=8)
        assert made.output.shape == (None, 8, 8, 2048)
        assert made.count_params() == network.count_params()

    def test_refusals(self):
        with pytest.raises(ValueError, match="power of 2. Received: 6"):
            models.dilated(small_resnet(), 6)
        inputs = keras.Input((None, None, 3))
        with pytest.raises(ValueError, match="known height"):
            models.dilated(keras.Model(inputs, layers.Conv2D(2, 1)(inputs)))
