"""Which positions every way of distilling teaches: by weights, masks, and labels that are none."""

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from keras_mtkd import losses
from keras_mtkd._backend.keras_compat import set_keras_mask
from keras_mtkd.distillation.training_step import TrainingStep

GENERATOR = np.random.default_rng(0)
BATCH, STEPS = 3, 4
SHAPE = (BATCH, STEPS)
KNOWN = np.array([[1, 1, 0, 0], [1, 0, 1, 1], [0, 0, 0, 0]], bool)
VOID = 255
COUPLING = mtkd.LabelCoupling([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.0, 0.3, 0.7]])
CLASS = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=VOID)
LOSSES = {
    "tag": CLASS,
    "other": keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=VOID),
    "depth": losses.MaskedMeanAbsoluteError(),
    "yes": keras.losses.BinaryCrossentropy(from_logits=True),
}
SIZES = {"tag": 3, "other": 3, "depth": 1, "yes": 1}


def model():
    inputs = keras.Input((STEPS, 3))
    shared = keras.layers.Dense(4, name="features")(inputs)
    return keras.Model(inputs, {t: keras.layers.Dense(n)(shared) for t, n in SIZES.items()})


def way(name, choice):
    return {
        "classes": lambda: mtkd.LogitDistillation(["tag"], use_sample_weight=choice),
        "answers": lambda: mtkd.LogitDistillation(["yes"], use_sample_weight=choice),
        "depth": lambda: mtkd.LogitDistillation(["depth"], use_sample_weight=choice),
        "features": lambda: mtkd.FeatureDistillation(
            "features", tasks=["tag"], adaptor=None, use_sample_weight=choice
        ),
        "source": lambda: mtkd.LogitDistillation(["tag"], use_sample_weight=choice, source="other"),
        "transport": lambda: mtkd.CrossTaskDistillation(
            "other", 1.0 - np.eye(3), "tag", use_sample_weight=choice
        ),
        "coupled": lambda: mtkd.DistributionMatching(
            COUPLING, "other", "tag", use_sample_weight=choice
        ),
    }[name]()


WAYS = ["classes", "answers", "depth", "features", "source", "transport", "coupled"]
STUDENT = {task: GENERATOR.normal(size=(*SHAPE, n)).astype("float32") for task, n in SIZES.items()}
FEATURE = GENERATOR.normal(size=(*SHAPE, 4)).astype("float32")


def labels(void):
    """Labels that the tasks' losses leave out at some positions."""
    found = {task: np.zeros(SHAPE, "int32") for task in ("tag", "other", "yes")}
    found["depth"] = np.ones((*SHAPE, 1), "float32")
    found["yes"] = found["yes"][..., None]
    for task in ("tag", "other"):
        found[task][void] = VOID
    found["depth"][void] = 0.0
    return found


@pytest.fixture(scope="module")
def distances():
    """The distance of a way's only term where the teacher is off by so much at some positions."""
    made = {}

    def distance(name, choice, off, y, weights=None, mask=None):
        if (name, choice) not in made:
            teachers = {} if name in ("source", "coupled") else dict.fromkeys(SIZES, model())
            distiller = mtkd.MultiTaskDistiller(model(), teachers, [way(name, choice)])
            distiller.compile("sgd", loss=LOSSES)
            made[name, choice] = distiller
        distiller = made[name, choice]
        (term,) = distiller.wiring.terms
        adapted = FEATURE if name == "features" else STUDENT[term.task]
        adapted = keras.ops.convert_to_tensor(adapted)
        if mask is not None:
            set_keras_mask(adapted, keras.ops.convert_to_tensor(mask))
        # Junk in one channel, so that no softmax forgives it.
        teacher = {t: v + off[..., None] * np.eye(v.shape[-1])[0] for t, v in STUDENT.items()}
        teacher = {t: keras.ops.convert_to_tensor(v.astype("float32")) for t, v in teacher.items()}
        taps = {"features": keras.ops.convert_to_tensor(FEATURE + off[..., None].astype("float32"))}
        given = {} if weights is None else dict.fromkeys(SIZES, weights.astype("float32"))
        step = TrainingStep(None, y, STUDENT, given, distiller.task_losses)
        return float(term.measure(adapted, teacher, taps, step))

    return distance


def moved(distances, name, choice, where, *args, **kwargs):
    """How far junk of the teacher at some positions moves the distance."""
    clean = distances(name, choice, np.zeros(SHAPE), *args, **kwargs)
    return abs(distances(name, choice, 9.0 * where, *args, **kwargs) - clean)


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("axis", [False, True], ids=["", "axis"])
def test_weights_of_positions(distances, name, axis):
    weights = KNOWN[..., None] if axis else KNOWN
    y = labels(np.zeros(SHAPE, bool))
    assert moved(distances, name, True, ~KNOWN, y, weights) == pytest.approx(0.0, abs=1e-6)
    assert moved(distances, name, True, KNOWN, y, weights) > 1e-3
    assert moved(distances, name, "missing", KNOWN, y, weights) == pytest.approx(0.0, abs=1e-6)
    assert moved(distances, name, "missing", ~KNOWN, y, weights) > 1e-3
    assert moved(distances, name, False, ~KNOWN, y, weights) > 1e-3


@pytest.mark.parametrize("name", WAYS)
def test_weights_of_samples(distances, name):
    weights, rows = np.array([1.0, 0.0, 2.0]), np.zeros(SHAPE, bool)
    rows[1] = True
    y = labels(np.zeros(SHAPE, bool))
    assert moved(distances, name, True, rows, y, weights) == pytest.approx(0.0, abs=1e-6)
    assert moved(distances, name, "missing", ~rows, y, weights) == pytest.approx(0.0, abs=1e-6)
    assert moved(distances, name, True, ~rows, y, weights) > 1e-3


@pytest.mark.parametrize("name", [name for name in WAYS if name not in ("answers", "features")])
def test_positions_whose_label_the_loss_leaves_out(distances, name):
    """Not taught unless asked: by False, or by "missing", which then teaches nothing else."""
    y = labels(~KNOWN)
    assert moved(distances, name, True, ~KNOWN, y) == pytest.approx(0.0, abs=1e-6)
    assert moved(distances, name, True, KNOWN, y) > 1e-3
    assert moved(distances, name, False, ~KNOWN, y) > 1e-3
    assert moved(distances, name, "missing", KNOWN, y) == pytest.approx(0.0, abs=1e-6)
    assert moved(distances, name, "missing", ~KNOWN, y) > 1e-3
    weights = np.array([1.0, 0.0, 1.0])
    both = KNOWN & (weights > 0)[:, None]
    assert moved(distances, name, "missing", both, y, weights) == pytest.approx(0.0, abs=1e-6)


def test_features_are_compared_where_a_loss_leaves_out_labels(distances):
    assert moved(distances, "features", True, ~KNOWN, labels(~KNOWN)) > 1e-3


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("choice", [True, False])
def test_masks_of_the_student(distances, name, choice):
    y = labels(np.zeros(SHAPE, bool))
    found = moved(distances, name, choice, ~KNOWN, y, mask=KNOWN)
    assert found == pytest.approx(0.0, abs=1e-6)
    assert moved(distances, name, choice, KNOWN, y, mask=KNOWN) > 1e-3


def test_the_mean_is_over_what_is_left(distances):
    """Void positions are left out of the mean, as in the task's loss; those of weight 0 are not."""
    off, none = 2.0 * np.ones(SHAPE), np.zeros(SHAPE, bool)
    each = np.abs(off) * KNOWN
    void = distances("depth", True, off, labels(~KNOWN))
    assert void == pytest.approx(each.sum() / KNOWN.sum(), rel=1e-5)
    weighed = distances("depth", True, off, labels(none), KNOWN)
    assert weighed == pytest.approx(each.mean(), rel=1e-5)
    both = distances("depth", True, off, labels(~KNOWN), np.array([1.0, 0.0, 1.0]))
    assert both == pytest.approx(each[0].sum() / KNOWN.sum(), rel=1e-5)


def test_maps_of_another_resolution_have_the_mean_of_a_sample():
    inputs = keras.Input((4, 4, 3))
    shared = keras.layers.AveragePooling2D(2, name="features")(inputs)
    outputs = {"a": keras.layers.UpSampling2D()(shared)}
    student = keras.Model(inputs, outputs)
    distiller = mtkd.MultiTaskDistiller(
        student,
        {"a": keras.models.clone_model(student)},
        [mtkd.FeatureDistillation("features", adaptor=None, loss="mse")],
    )
    distiller.compile("sgd", loss="mse")
    (term,) = distiller.wiring.terms
    one, other = GENERATOR.normal(size=(2, BATCH, 2, 2, 3)).astype("float32")
    weight = GENERATOR.uniform(size=(BATCH, 4, 4)).astype("float32")
    step = TrainingStep(None, {}, {}, {"a": weight}, distiller.task_losses)
    found = term.measure(
        keras.ops.convert_to_tensor(one), {}, {"features": keras.ops.convert_to_tensor(other)}, step
    )
    each = ((one - other) ** 2).mean((1, 2, 3))
    assert float(found) == pytest.approx((each * weight.mean((1, 2))).mean(), rel=1e-5)


class TestSoftCoAnnotation:
    """Where the source's label is there and the task's is not."""

    way = mtkd.SoftCoAnnotation(COUPLING, "other", "tag")

    def weights(self, y, given):
        step = TrainingStep(None, y, STUDENT, given, LOSSES)
        found = self.way.sample_weight("tag", step)
        return None if found is None else np.asarray(found)

    def test_by_weights_of_samples_and_of_positions(self):
        y = labels(np.zeros(SHAPE, bool))
        source = np.array([1.0, 1.0, 0.0], "float32")
        found = self.weights(y, {"tag": KNOWN.astype("float32"), "other": source})
        np.testing.assert_array_equal(found, ~KNOWN * source[:, None])

    def test_by_labels_that_a_loss_leaves_out(self):
        y = labels(np.zeros(SHAPE, bool))
        y["tag"][KNOWN] = VOID
        y["other"][:, 0] = VOID
        found = self.weights(y, {})
        wanted = KNOWN.copy()
        wanted[:, 0] = False
        np.testing.assert_array_equal(found, wanted)
        step = TrainingStep(None, y, STUDENT, {}, LOSSES)
        soft = np.asarray(self.way.target("tag", STUDENT["other"], step))
        np.testing.assert_array_equal(soft[:, 0], 0.0)
        np.testing.assert_allclose(soft[:, 1:].sum(-1), 1.0, rtol=1e-6)


DISTANCES = {
    "normalized_l2": "normalized_l2",
    "cka": losses.CKALoss(),
    "attention": losses.AttentionTransfer(),
}


def text_model(seed):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((None,), dtype="int32")
    embedded = keras.layers.Embedding(50, 6, mask_zero=True)(inputs)
    shared = keras.layers.Dense(6, name="features")(embedded)
    return keras.Model(inputs, {"tag": keras.layers.Dense(3)(shared)})


def test_padding_changes_no_distance():
    """In `fit`, through embeddings that mask, adaptors, and whatever compares."""
    x = GENERATOR.integers(1, 50, (8, 3))
    ways = [
        mtkd.LogitDistillation(name="kl"),
        mtkd.LogitDistillation(name="few", loss=losses.SelectPositions(fraction=1 / 3)),
        *(mtkd.FeatureDistillation("features", name=n, loss=d) for n, d in DISTANCES.items()),
    ]
    keras.utils.set_random_seed(0)
    distiller = mtkd.MultiTaskDistiller(text_model(0), {"tag": text_model(1)}, ways)
    distiller.compile(
        keras.optimizers.SGD(0.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    found = []
    for width in (3, 8):
        padded = np.pad(x, ((0, 0), (0, width - 3)))
        y = {"tag": np.zeros(padded.shape, "int32")}
        found.append(distiller.fit(padded, y, batch_size=8, verbose=0).history)
    assert len(found[0]) == len(ways) + 3
    for name, values in found[0].items():
        assert found[1][name] == pytest.approx(values, rel=1e-3), name
        assert abs(values[0]) > 1e-4, name
