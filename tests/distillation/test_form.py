"""Distances between predictions do not depend on whether either side gives logits."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax, softmax

import keras_mtkd as mtkd
from keras_mtkd import losses
from keras_mtkd.callbacks._indicator import Indicator
from keras_mtkd.distillation.head import head_of
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.metrics.probe_losses import Constant

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(12, 6)).astype("float32")
SIZES = {"kind": 3, "other": 3, "tags": 2}
KERNELS = {task: GENERATOR.normal(size=(6, size)).astype("float32") for task, size in SIZES.items()}
Y = {
    "kind": GENERATOR.integers(3, size=12),
    "other": GENERATOR.integers(3, size=12),
    "tags": GENERATOR.integers(2, size=(12, 2)).astype("float32"),
}
TAUGHT = 0.7 * np.roll(KERNELS["kind"], 1, axis=0), 0.7 * np.roll(KERNELS["tags"], 1, axis=0)
COST = GENERATOR.uniform(size=(3, 3))
TABLE = mtkd.LabelCoupling([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3], [0.0, 0.0, 1.0]])


class Opaque(keras.layers.Layer):
    """A squashing function that no graph shows."""

    def __init__(self, name_of_function, **kwargs):
        super().__init__(**kwargs)
        self.name_of_function = name_of_function

    def call(self, x):
        return getattr(ops, self.name_of_function)(x)

    def get_config(self):
        return {**super().get_config(), "name_of_function": self.name_of_function}


def squash(task):
    return "sigmoid" if task == "tags" else "softmax"


def model(ends, kernels=KERNELS):
    """A model with a head for every task in `ends`: `"logits"`, `"probabilities"` or `"opaque"`."""
    inputs, outputs = keras.Input((6,)), {}
    for task, end in ends.items():
        dense = keras.layers.Dense(SIZES[task], use_bias=False, name=task)
        x = dense(inputs)
        dense.set_weights([kernels[task]])
        if end == "probabilities":
            x = keras.layers.Activation(squash(task))(x)
        elif end == "opaque":
            x = Opaque(squash(task))(x)
        outputs[task] = x
    return keras.Model(inputs, outputs)


def teacher(task, end, kernels=None):
    shown = {"kind": TAUGHT[0], "tags": TAUGHT[1]} if kernels is None else kernels
    return model({task: end}, shown)


def loss_of(task, from_logits):
    if task == "tags":
        return keras.losses.BinaryCrossentropy(from_logits=from_logits)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)


def compiled(way, student, teachers, loss=None):
    distiller = mtkd.MultiTaskDistiller(student, teachers, [way])
    given = {
        task: loss_of(task, head_of(output, None).from_logits is not False)
        for task, output in student.output.items()
    }
    distiller.compile(keras.optimizers.SGD(0.0), loss=loss or given)
    return distiller


def measured(distiller, x=X, y=Y):
    """The distance of the only term, without a step."""
    y_pred = distiller.student(x)
    step = TrainingStep(x, y, y_pred, {}, distiller.task_losses)
    (branch,) = distiller.wiring.branches
    (term,) = branch.terms
    outputs, taps = branch._shown(step)
    return float(term.measure(y_pred[term.task], outputs, taps, step))


LOGIT = mtkd.LogitDistillation
WAYS = {
    "kl": partial(LOGIT, temperature=2.0),
    "corrected": partial(LOGIT, temperature=1.0, margin=1.0),
    "calibrated": lambda: LOGIT(
        calibration={task: mtkd.PlattCalibrator(0.5) for task in SIZES}, temperature=1.0
    ),
}
OF_CLASSES = {
    "own distance": lambda: LOGIT(loss=losses.LogitKL(2.0)),
    "own distance of probabilities": lambda: LOGIT(loss=losses.LogitKL(2.0, from_logits=False)),
    "selected": lambda: LOGIT(loss=losses.SelectPositions(fraction=0.5)),
    "cross-task": lambda: mtkd.CrossTaskDistillation("kind", COST, "kind"),
}
OF_ANSWERS = {"own distance": lambda: LOGIT(loss="binary_logit_kl")}
CASES = [("kind", name, make) for name, make in {**WAYS, **OF_CLASSES}.items()]
CASES += [("tags", name, make) for name, make in {**WAYS, **OF_ANSWERS}.items()]
FORMS = ["logits", "probabilities"]


@pytest.mark.parametrize(("task", "name", "make"), CASES)
def test_teachers_of_either_form(task, name, make):
    values = [
        measured(compiled(make(), model({task: mine}), {task: teacher(task, theirs)}))
        for mine in FORMS
        for theirs in FORMS
    ]
    assert values == pytest.approx([values[0]] * 4, rel=1e-3)
    assert abs(values[0]) > 1e-3


@pytest.mark.parametrize("mine", FORMS)
@pytest.mark.parametrize("theirs", FORMS)
@pytest.mark.parametrize("task", ["kind", "tags"])
def test_equal_distributions_are_no_distance_apart(task, mine, theirs):
    same = compiled(LOGIT(), model({task: mine}), {task: teacher(task, theirs, KERNELS)})
    assert measured(same) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("theirs", FORMS)
def test_the_losses_of_keras_are_no_exception(theirs):
    way = keras.distillation.LogitsDistillation(temperature=2.0)
    same = compiled(way, model({"kind": "logits"}), {"kind": teacher("kind", theirs, KERNELS)})
    assert measured(same) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: LOGIT(["kind"], source="other", temperature=1.0),
        lambda: LOGIT(["kind"], source="other", temperature=1.0, margin=1.0),
        lambda: mtkd.DistributionMatching(TABLE, "other", "kind"),
    ],
)
def test_heads_of_either_form_as_teachers(make):
    values = [
        measured(compiled(make(), model({"kind": mine, "other": theirs}), {}))
        for mine in FORMS
        for theirs in FORMS
    ]
    assert values == pytest.approx([values[0]] * 4, rel=1e-3)


def right(task="kind"):
    """What the distance of logits is."""
    way = LOGIT(temperature=2.0)
    return measured(compiled(way, model({task: "logits"}), {task: teacher(task, "logits")}))


@pytest.mark.parametrize(
    ("task", "end", "settings"),
    [
        ("kind", "opaque", {"teacher_from_logits": False}),
        ("tags", "opaque", {"teacher_from_logits": {"tags": False, "kind": True}}),
        # What is said counts more than the graph.
        ("kind", "logits", {"teacher_from_logits": True}),
    ],
)
def test_the_form_as_it_is_stated(task, end, settings):
    way = LOGIT(temperature=2.0, **settings)
    found = compiled(way, model({task: "logits"}), {task: teacher(task, end)})
    assert measured(found) == pytest.approx(right(task), rel=1e-3)


@pytest.mark.parametrize("task", ["kind", "tags"])
def test_the_form_by_the_loss_that_a_teacher_is_compiled_with(task):
    opaque = teacher(task, "opaque")
    opaque.compile("sgd", loss={task: loss_of(task, False)})
    found = compiled(LOGIT(temperature=2.0), model({task: "logits"}), {task: opaque})
    assert measured(found) == pytest.approx(right(task), rel=1e-3)


def test_the_form_by_the_compiled_loss_in_a_saved_distiller(tmp_path):
    opaque = teacher("kind", "opaque")
    opaque.compile("sgd", loss=loss_of("kind", False))
    distiller = compiled(LOGIT(temperature=2.0), model({"kind": "logits"}), {"kind": opaque})
    distiller.save(tmp_path / "distiller.keras")
    loaded = keras.saving.load_model(
        tmp_path / "distiller.keras", custom_objects={"Opaque": Opaque}
    )
    assert measured(loaded) == pytest.approx(right(), rel=1e-3)


@pytest.mark.parametrize(
    "make",
    [
        LOGIT,
        partial(LOGIT, margin=1.0),
        partial(LOGIT, loss="mse"),
        lambda: mtkd.CrossTaskDistillation("kind", COST, "kind"),
        lambda: keras.distillation.LogitsDistillation(),
    ],
)
def test_a_form_that_nothing_tells_is_asked_for(make):
    with pytest.raises(ValueError, match=r"task 'kind'.*logits or probabilities.*teacher_from_log"):
        compiled(make(), model({"kind": "logits"}), {"kind": teacher("kind", "opaque")})


def test_a_student_whose_form_nothing_tells_is_asked_for():
    def own(y_true, y_pred):
        return ops.mean(y_pred, axis=-1)

    with pytest.raises(ValueError, match=r"'kind': whether the student predicts logits or prob"):
        compiled(
            LOGIT(kind="class"), model({"kind": "opaque"}), {"kind": teacher("kind", "logits")}, own
        )


@pytest.mark.parametrize(
    "way",
    [
        mtkd.SoftCoAnnotation(TABLE, "other", "kind"),
        mtkd.DistributionMatching(TABLE, "other", "kind"),
    ],
    ids=lambda way: way.name,
)
def test_heads_that_nothing_is_known_of(way):
    """The label of the source is enough for the one, the other needs to know."""
    student = model({"kind": "logits", "other": "opaque"})
    own = {"kind": loss_of("kind", True), "other": lambda y, p: ops.mean(p, axis=-1)}
    if way.name == "soft_co_annotation":
        assert np.isfinite(measured(compiled(way, student, {}, own)))
    else:
        with pytest.raises(ValueError, match="whether the head 'other' predicts logits"):
            compiled(way, student, {}, own)


def test_numbers_have_no_form():
    inputs = keras.Input((6,))
    student, teacher = (
        keras.Model(inputs, {"size": Opaque("sigmoid")(keras.layers.Dense(1)(inputs))})
        for _ in range(2)
    )
    distiller = mtkd.MultiTaskDistiller(student, {"size": teacher}, [LOGIT()])
    distiller.compile("sgd", loss="mae")
    assert distiller.wiring.terms[0].conversion is None


@pytest.mark.parametrize(
    ("end", "from_logits"), [("probabilities", True), ("logits", False)], ids=FORMS
)
def test_a_head_that_does_not_fit_its_loss_is_read_as_what_it_is(end, from_logits):
    """Keras on TensorFlow finds the logits behind a softmax; here all backends do alike."""
    student = model({"kind": end})
    with pytest.warns(UserWarning, match="head 'kind' does not give what its loss"):
        found = compiled(
            LOGIT(temperature=2.0),
            student,
            {"kind": teacher("kind", "logits")},
            loss_of("kind", from_logits),
        )
    assert measured(found) == pytest.approx(right(), rel=1e-3)


@pytest.mark.parametrize("mine", FORMS)
def test_schedules_measure_teachers_in_the_form_of_the_loss(mine):
    student = model({"kind": mine, "tags": mine})
    found = []
    for theirs in FORMS:
        teachers = {task: teacher(task, theirs) for task in student.output}
        distiller = compiled(LOGIT(), student, teachers)
        labels = {task: Y[task] for task in student.output}
        found.append(Indicator(distiller, (X, labels), 12).teacher_losses())
    assert found[0] == pytest.approx(found[1], rel=1e-4)
    log_p = log_softmax(X @ TAUGHT[0], axis=-1)[np.arange(12), Y["kind"]]
    assert found[0]["kind"] == pytest.approx(-log_p.mean(), rel=1e-4)


def test_schedules_ask_too():
    opaque = teacher("kind", "opaque")
    way = mtkd.FeatureDistillation("kind", adaptor=None)
    student = model({"kind": "logits"})
    distiller = compiled(way, student, {"kind": opaque})
    with pytest.raises(ValueError, match=r"loss of task 'kind' cannot be measured.*Compile the t"):
        Indicator(distiller, (X, {"kind": Y["kind"]}), 12).teacher_losses()
    opaque.compile("sgd", loss=loss_of("kind", False))
    found = Indicator(distiller, (X, {"kind": Y["kind"]}), 12).teacher_losses()["kind"]
    log_p = log_softmax(X @ TAUGHT[0], axis=-1)[np.arange(12), Y["kind"]]
    assert found == pytest.approx(-log_p.mean(), rel=1e-4)


def test_classes_on_another_axis():
    """KL, calibration and correction over the axis that the task's loss has."""
    x = GENERATOR.normal(size=(4, 3, 5)).astype("float32")
    classes = GENERATOR.integers(3, size=(4, 5))
    inputs = keras.Input((3, 5))
    student = keras.Model(inputs, {"map": keras.layers.Rescaling(1.0)(inputs)})
    teacher = keras.Model(inputs, {"map": keras.layers.Rescaling(2.0)(inputs)})
    way = LOGIT(temperature=1.0, calibration={"map": mtkd.PlattCalibrator(0.25)}, margin=0.5)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, axis=1)
    y = {"map": np.moveaxis(np.eye(3, dtype="float32")[classes], -1, 1)}
    theirs, mine = 0.5 * np.moveaxis(x, 1, -1), np.moveaxis(x, 1, -1)
    for place in np.ndindex(classes.shape):
        row, label = theirs[place], classes[place]
        row[label] = max(row[label], np.delete(row, label).max() + 0.5)
    expected = softmax(theirs, -1) * (log_softmax(theirs, -1) - log_softmax(mine, -1))
    found = measured(compiled(way, student, {"map": teacher}, loss), x, y)
    assert found == pytest.approx(expected.sum(-1).mean(), rel=1e-4)


@pytest.mark.parametrize("activation", [None, "softmax"])
def test_own_distances_on_another_axis(activation):
    inputs = keras.Input((3, 5))
    x = GENERATOR.normal(size=(4, 3, 5)).astype("float32")
    ends = [keras.layers.Rescaling(scale)(inputs) for scale in (1.0, 2.0)]
    if activation is not None:
        ends = [keras.layers.Softmax(axis=1)(end) for end in ends]
    student, teacher = (keras.Model(inputs, {"map": end}) for end in ends)
    loss = keras.losses.CategoricalCrossentropy(from_logits=activation is None, axis=1)
    way = LOGIT(loss=losses.LogitKL(1.0))
    expected = softmax(2 * x, 1) * (log_softmax(2 * x, 1) - log_softmax(x, 1))
    found = measured(compiled(way, student, {"map": teacher}, loss), x, {})
    assert found == pytest.approx(expected.sum(1).mean(), rel=1e-4)


def test_the_constant_of_schedules_on_another_axis():
    x = GENERATOR.normal(size=(4, 3, 5)).astype("float32")
    inputs = keras.Input((3, 5))
    student = keras.Model(inputs, {"map": keras.layers.Rescaling(1.0)(inputs)})
    found = Constant(student, (x, {}), 4, {"map": -2})(x)["map"]
    np.testing.assert_allclose(found, np.tile(x.mean((0, 2))[None, :, None], (4, 1, 5)), rtol=1e-5)
