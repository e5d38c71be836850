"""Predictions as what is taught: which distance, calibrated and corrected; heads as teachers."""

import keras
import numpy as np
import pytest
from helpers import snapshot, toy_losses
from scipy.special import expit, log_softmax, softmax

import keras_mtkd as mtkd
from keras_mtkd import losses

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(12, 6)).astype("float32")
TASKS = {"click": 2, "kind": 3}
Y = {
    "click": GENERATOR.integers(2, size=(12, 2)).astype("float32"),
    "kind": GENERATOR.integers(3, size=12),
}


def model(activations=None, tasks=TASKS):
    inputs = keras.Input((6,))
    x = keras.layers.Dense(5, activation="relu")(inputs)
    given = activations or {}
    heads = {t: keras.layers.Dense(TASKS[t], activation=given.get(t))(x) for t in tasks}
    return keras.Model(inputs, heads)


def compiled(way, student=None, teachers=None, from_logits=True):
    student = student or model()
    distiller = mtkd.MultiTaskDistiller(student, teachers or {}, [way])
    distiller.compile(
        keras.optimizers.SGD(0.0),
        loss={
            "click": keras.losses.BinaryCrossentropy(from_logits=from_logits),
            "kind": keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits),
        },
    )
    return distiller


def measured(distiller, weight=None):
    """The distance of a step with a rate of 0, `{name: value}`."""
    y = {task: Y[task] for task in distiller.task_names}
    history = distiller.fit(
        X, y, sample_weight=weight, batch_size=12, epochs=1, verbose=0, shuffle=False
    ).history
    return {name: value[0] for name, value in history.items()}


def bernoulli(teacher, student):
    p, q = expit(teacher), expit(student)
    return (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))).mean(axis=-1)


def kl(teacher, student):
    return (softmax(teacher, -1) * (log_softmax(teacher, -1) - log_softmax(student, -1))).sum(-1)


def toward_labels(logits, task, margin):
    moved = logits.copy()
    for i in range(len(moved)):
        if task == "kind":
            label = Y["kind"][i]
            moved[i, label] = max(moved[i, label], np.delete(moved[i], label).max() + margin)
        else:
            for j in range(2):
                one = moved[i, j]
                moved[i, j] = max(one, margin) if Y["click"][i, j] else min(one, -margin)
    return moved


@pytest.mark.parametrize(("task", "distance"), [("click", bernoulli), ("kind", kl)])
@pytest.mark.parametrize("from_logits", [True, False])
def test_calibrated_then_corrected(task, distance, from_logits):
    ends = None if from_logits else {"click": "sigmoid", "kind": "softmax"}
    student, teacher = model(ends), model(ends, (task,))
    calibrator = mtkd.PlattCalibrator(2.0, 0.3 if task == "click" else 0.0)
    way = mtkd.LogitDistillation(temperature=1.0, calibration={task: calibrator}, margin=0.5)
    distiller = compiled(way, student, {task: teacher}, from_logits)
    theirs, mine = teacher.predict(X, verbose=0)[task], student.predict(X, verbose=0)[task]
    if not from_logits:
        back = (lambda p: np.log(p / (1 - p))) if task == "click" else np.log
        theirs, mine = back(theirs), back(mine)
    moved = toward_labels(np.array(calibrator(theirs)), task, 0.5)
    assert not np.allclose(moved, np.array(calibrator(theirs)))
    found = measured(distiller)[f"{task}_distillation_loss"]
    assert found == pytest.approx(distance(moved, mine).mean(), rel=1e-4)


def test_unlabelled_samples_are_not_corrected():
    student, teacher = model(), model(tasks=("kind",))
    way = mtkd.LogitDistillation(temperature=1.0, margin=4.0, use_sample_weight=False)
    weight = {"click": np.ones(12), "kind": np.repeat([1.0, 0.0], 6)}
    found = measured(compiled(way, student, {"kind": teacher}), weight)
    theirs, mine = (one.predict(X, verbose=0)["kind"] for one in (teacher, student))
    moved = np.concatenate([toward_labels(theirs, "kind", 4.0)[:6], theirs[6:]])
    assert found["kind_distillation_loss"] == pytest.approx(kl(moved, mine).mean(), rel=1e-4)


def test_a_head_teaches_without_being_taught():
    inputs = keras.Input((6,))
    heads = {task: keras.layers.Dense(3, name=task)(inputs) for task in ("a", "b")}
    student = keras.Model(inputs, heads)
    way = mtkd.LogitDistillation(["b"], temperature=1.0, source="a")
    distiller = mtkd.MultiTaskDistiller(student, {}, [way], {"a": 0.0, "b": 0.0})
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    distiller.compile(keras.optimizers.SGD(1.0), loss=loss)
    y = dict.fromkeys(("a", "b"), Y["kind"])
    before = [np.array(w) for w in student.get_layer("a").weights]
    gap = kl(*(student.predict(X, verbose=0)[task] for task in ("a", "b"))).mean()
    history = distiller.fit(X, y, batch_size=12, epochs=8, verbose=0).history
    values = history["b_distillation_loss"]
    assert values[0] == pytest.approx(gap, rel=1e-4)
    assert values[-1] < 0.5 * values[0]
    assert all(map(np.array_equal, before, map(np.array, student.get_layer("a").weights)))
    assert distiller.frozen_teachers == []


def test_saved_with_its_calibration(tmp_path):
    way = mtkd.LogitDistillation(
        ["kind"], calibration={"kind": mtkd.PlattCalibrator(2.0)}, margin=0.5, source="click"
    )
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(way))
    assert again.get_config() == way.get_config()
    assert float(again.calibration["kind"].slope) == 2.0
    teacher = model(tasks=("kind",))
    way = mtkd.LogitDistillation(calibration={"kind": mtkd.PlattCalibrator(2.0)}, margin=0.5)
    distiller = compiled(way, teachers={"kind": teacher})
    distiller.save(tmp_path / "distiller.keras")
    loaded = keras.saving.load_model(tmp_path / "distiller.keras")
    key = "kind_distillation_loss"
    assert measured(loaded)[key] == pytest.approx(measured(distiller)[key], rel=1e-6)


def test_classes_drawn_anew_in_every_step_and_repeatably(tmp_path):
    def values():
        keras.utils.set_random_seed(3)
        loss = mtkd.losses.SampledLogitKL(samples=1, seed=1)
        way = mtkd.LogitDistillation(loss=mtkd.losses.SelectPositions(loss, fraction=1.0))
        distiller = compiled(way, teachers={"kind": model(tasks=("kind",))})
        history = distiller.fit(X, Y, batch_size=12, epochs=4, verbose=0, shuffle=False).history
        distiller.save(tmp_path / "distiller.keras")
        return history["kind_distillation_loss"], distiller

    one, distiller = values()
    assert len(set(one)) == 4  # the student stands still, the draws do not
    assert values()[0] == one
    loaded = keras.saving.load_model(tmp_path / "distiller.keras")
    pair = [measured(each)["kind_distillation_loss"] for each in (distiller, loaded)]
    assert pair[0] == pytest.approx(pair[1], rel=1e-6)
    assert len(snapshot(loaded)) == len(snapshot(distiller))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mtkd.LogitDistillation(margin=-1.0), "margin"),
        (lambda: mtkd.LogitDistillation(source="a"), "Pass the `tasks`"),
        (lambda: compiled(mtkd.LogitDistillation(["kind"], source="kind")), "another task"),
        (lambda: compiled(mtkd.LogitDistillation(["kind"], source="click")), "cannot be compared"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_number_cannot_be_corrected():
    inputs = keras.Input((6,))
    student, teacher = (keras.Model(inputs, {"n": keras.layers.Dense(1)(inputs)}) for _ in "ab")
    distiller = mtkd.MultiTaskDistiller(
        student, {"n": teacher}, [mtkd.LogitDistillation(margin=1.0)]
    )
    with pytest.raises(ValueError, match="no class or binary loss"):
        distiller.compile("sgd", loss="mse")


class TestLogitDistillation:
    @pytest.mark.parametrize(
        ("task_loss", "kind", "from_logits"),
        [
            (keras.losses.SparseCategoricalCrossentropy(from_logits=True), losses.LogitKL, True),
            (keras.losses.CategoricalCrossentropy(name="my_own"), losses.LogitKL, False),
            (keras.losses.BinaryCrossentropy(from_logits=True), losses.BinaryLogitKL, True),
            (losses.get("binary_crossentropy"), losses.BinaryLogitKL, False),
        ],
    )
    def test_distance_follows_the_task_loss(self, task_loss, kind, from_logits):
        distance = mtkd.LogitDistillation(temperature=3.0).distance("a", task_loss)
        assert type(distance) is kind
        assert (distance.temperature, distance.from_logits) == (3.0, from_logits)

    def test_regression_keeps_the_loss_of_its_task(self):
        task_loss = keras.losses.Huber()
        assert mtkd.LogitDistillation().distance("a", task_loss) is task_loss

    def test_one_distance_for_all(self):
        way = mtkd.LogitDistillation(loss="mse")
        assert way.distance("a", toy_losses()["a"]).name == "mean_squared_error"

    def test_bad_temperature(self):
        with pytest.raises(ValueError, match="`temperature` must be positive"):
            mtkd.LogitDistillation(temperature=-1)
