"""Cosines and lengths that are logged are those that NumPy finds."""

import keras
import numpy as np
import pytest
from balancing.linear_problem import TASKS, data, gradients, numbers, student
from event_readers import read_folder, scalars
from helpers import equal_weights, snapshot
from replicas import eagerly, on_replicas

import keras_mtkd as mtkd
from keras_mtkd.balancing import Balancing
from keras_mtkd.balancing.aggregation.recorded import Recorded
from keras_mtkd.callbacks import GradientDiagnostics

LEVELS = {"representation": "z", "parameters": "shared"}
BOTH = pytest.mark.parametrize("level", LEVELS)
RATE, BATCH, EPOCHS = 0.05, 4, 2


def fit(model, x, y, *callbacks, epochs=EPOCHS, batch_size=BATCH, **options):
    return model.fit(
        x,
        y,
        batch_size=batch_size,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=list(callbacks),
        **options,
    ).history


def distiller(balancing, **arguments):
    keras.utils.set_random_seed(1)
    model = mtkd.MultiTaskDistiller(student(), {}, balancing=balancing, **arguments)
    model.compile(keras.optimizers.SGD(RATE), loss="mse")
    return model


def diagnosis(steps, of):
    """Mean cosines and lengths of steps, each `{objective: gradients}`."""
    rows = np.array([[one[of].ravel() for one in found.values()] for found in steps])
    lengths = np.linalg.norm(rows, axis=2)
    units = rows / lengths[..., None]
    return np.mean(units @ units.transpose(0, 2, 1), axis=0), lengths.mean(axis=0)


@BOTH
def test_numbers_over_steps_and_epochs(level, tmp_path):
    x, y = data()
    model = distiller(Balancing("sum", level=level, record=True))
    now, diagnostics = numbers(model.student), GradientDiagnostics()
    board = mtkd.callbacks.TensorBoard(tmp_path, pictures=False)
    history = fit(model, x, y, diagnostics, board)
    assert diagnostics.names == list(TASKS)
    for epoch in range(EPOCHS):
        steps = []
        for start in range(0, len(x), BATCH):
            batch = slice(start, start + BATCH)
            steps.append(gradients(now, x[batch], {task: v[batch] for task, v in y.items()}))
            now["shared"] -= RATE * sum(one["shared"] for one in steps[-1].values())
            for task, one in steps[-1].items():
                now[f"head_{task}"] -= RATE * one["head"]
        cosines, lengths = diagnosis(steps, LEVELS[level])
        np.testing.assert_allclose(diagnostics.cosines[epoch], cosines, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(diagnostics.lengths[epoch], lengths, rtol=1e-4)
        pairs = cosines[[0, 0, 1], [1, 2, 2]]
        expected = {
            "gradient_cosine": pairs.mean(),
            "gradient_conflict": np.mean(pairs < 0),
            "gradient_ratio": lengths.max() / lengths.min(),
            **{f"{task}_gradient_length": lengths[i] for i, task in enumerate(TASKS)},
        }
        for name, value in expected.items():
            assert history[name][epoch] == pytest.approx(value, rel=1e-3, abs=1e-4), name
    assert len(diagnostics.cosines) == EPOCHS
    assert len(np.unique(np.array(diagnostics.lengths))) == EPOCHS * len(TASKS)
    # TensorBoard after it has its numbers.
    written = read_folder(tmp_path / "train")
    tags = {"gradient_cosine": "gradient_cosine", "b_gradient_length": "gradient_length/b"}
    for name, tag in tags.items():
        assert scalars(written, tag) == list(enumerate(history[name]))


@pytest.mark.parametrize(
    ("objectives", "level"),
    [("all", "representation"), ("hierarchical", "representation"), ("all", "parameters")],
)
def test_a_distance_against_its_loss(objectives, level):
    """One step: gradients of a model whose loss and distance have a head each."""
    x, y = data()
    keras.utils.set_random_seed(1)
    teacher = student({"b": 3})
    model = mtkd.MultiTaskDistiller(
        student(),
        {"b": teacher},
        [mtkd.LogitDistillation(weight=0.5, loss="mse")],
        balancing=Balancing("edm", objectives, level=level, record=True),
    )
    model.compile(keras.optimizers.SGD(RATE), loss="mse")
    weights = numbers(model.student)
    weights["head_kd"] = weights["head_b"]
    shown = teacher.predict(x, verbose=0)["b"]
    found = gradients(weights, x, {**y, "kd": shown}, {"kd": 0.5})
    cosines, lengths = diagnosis([found], LEVELS[level])
    diagnostics = GradientDiagnostics()
    history = fit(model, x, y, diagnostics, epochs=1, batch_size=len(x))
    assert diagnostics.names == ["a", "b", "c", "b_distillation"]
    assert history["b_distillation_cosine"] == [pytest.approx(cosines[1, 3], abs=1e-4)]
    assert history["b_distillation_dominance"] == [pytest.approx(lengths[3] / lengths[1], rel=1e-4)]
    assert not {"a_distillation_cosine", "c_distillation_dominance"} & history.keys()
    np.testing.assert_allclose(diagnostics.cosines[0], cosines, atol=1e-4)
    np.testing.assert_allclose(diagnostics.lengths[0], lengths, rtol=1e-4)


@pytest.mark.parametrize(
    ("method", "level"),
    [("sum", "representation"), ("multibalance", "representation"), ("multibalance", "parameters")],
)
def test_recording_changes_no_update(method, level):
    trained = []
    for record in (False, True):
        model = distiller(Balancing(method, level=level, record=record))
        fit(model, *data(), *([GradientDiagnostics()] if record else []))
        trained.append(numbers(model.student))
    for name, value in trained[0].items():
        np.testing.assert_allclose(trained[1][name], value, rtol=1e-6, atol=1e-7, err_msg=name)


def test_the_sums_are_saved_with_the_distiller(tmp_path):
    model = distiller(Balancing("sum", record=True))
    fit(model, *data(), GradientDiagnostics(), epochs=1)
    model.save(tmp_path / "d.keras")
    loaded = keras.saving.load_model(tmp_path / "d.keras")
    kept = loaded.gradient_balancer
    assert np.array(kept.memory["recorded_steps"]).tolist() == [[3.0] * 3] * 3
    # Steps that no callback separates into epochs go on adding up.
    for one in (model, loaded):
        fit(one, *data(), epochs=1)
    one, other = (Recorded.means(m.gradient_balancer.memory) for m in (model, loaded))
    assert np.array(kept.memory["recorded_steps"]).tolist() == [[6.0] * 3] * 3
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)


class Kill(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if int(np.array(self.model.optimizer.iterations)) >= 5:
            raise KeyboardInterrupt


def test_a_run_that_was_killed_goes_on_with_the_same_numbers(tmp_path):
    def started(*others):
        model = distiller(Balancing("multibalance", record=True))
        diagnostics = GradientDiagnostics()
        backup = mtkd.callbacks.BackupAndRestore(tmp_path / "backup")
        fit(model, *data(), backup, diagnostics, *others)
        return diagnostics, model

    with pytest.raises(KeyboardInterrupt):
        started(Kill())
    resumed, model = started()
    whole = GradientDiagnostics()
    other = distiller(Balancing("multibalance", record=True))
    fit(other, *data(), whole)
    assert len(resumed.cosines) == 1
    np.testing.assert_allclose(resumed.cosines[0], whole.cosines[1], rtol=1e-5)
    np.testing.assert_allclose(resumed.lengths[0], whole.lengths[1], rtol=1e-5)
    assert equal_weights(snapshot(model.student), snapshot(other.student))


def on_batches(level):
    x, y = data()
    model = distiller(Balancing("sum", level=level, record=True))
    diagnostics = GradientDiagnostics()
    batches = mtkd.datasets.ArrayDataset(x, y, batch_size=BATCH)
    history = model.fit(batches, epochs=EPOCHS, verbose=0, shuffle=False, callbacks=[diagnostics])
    return history.history, diagnostics


@pytest.mark.traced
@pytest.mark.parametrize(
    "level", ["representation", pytest.param("parameters", marks=pytest.mark.slow)]
)
def test_replicas_see_what_one_device_sees(level):
    with eagerly():
        history, alone = on_batches(level)
    theirs, shared = on_replicas(2, lambda: on_batches(level))
    for name, values in history.items():
        np.testing.assert_allclose(theirs[name], values, rtol=1e-4, atol=1e-5, err_msg=name)
    np.testing.assert_allclose(shared.cosines, alone.cosines, rtol=1e-4, atol=1e-5)


def test_a_task_that_waits_has_no_gradient():
    model = distiller(Balancing("sum", record=True), task_weights={"a": 0.0, "b": 0.0})
    diagnostics = GradientDiagnostics()
    history = fit(model, *data(), diagnostics, epochs=1)
    assert diagnostics.lengths[0][:2].tolist() == [0.0, 0.0]
    assert np.isnan(diagnostics.cosines[0][0]).all()
    assert history["gradient_ratio"] == [1.0]
    assert np.isnan([*history["gradient_cosine"], *history["gradient_conflict"]]).all()


def test_a_single_objective_has_no_pairs():
    x, y = data()
    model = mtkd.MultiTaskDistiller(student({"a": 2}), {}, balancing=Balancing("sum", record=True))
    model.compile("sgd", loss="mse")
    history = fit(model, x, {"a": y["a"]}, GradientDiagnostics(), epochs=1)
    assert history["a_gradient_length"][0] > 0
    assert "gradient_cosine" not in history


@pytest.mark.parametrize(
    "balancing", [None, "dwa", "cagrad", Balancing("mgda", level="parameters")]
)
def test_distillers_that_do_not_record(balancing):
    with pytest.raises(ValueError, match=r"does not record its gradients.*record=True"):
        fit(distiller(balancing), *data(), GradientDiagnostics())


def test_other_models():
    model = student()
    model.compile("sgd", loss="mse")
    with pytest.raises(ValueError, match=r"does not record.*Received: <Functional"):
        fit(model, *data(), GradientDiagnostics())
