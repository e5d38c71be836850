"""What holds for every architecture: shapes, sharing, saving, and distillation on each."""

import keras
import numpy as np
import pytest
from forward import answers
from keras import layers

import keras_mtkd as mtkd
from keras_mtkd import models
from models.small_networks import (
    DENSE,
    SHAPE,
    SLIM,
    dense_expert,
    dense_layers,
    small_resnet,
    vector_backbone,
)

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

TWO = {"semantic": 5, "normal": 3}
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
