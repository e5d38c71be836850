import keras
import numpy as np
import pytest
from helpers import equal_weights, snapshot, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd

WAYS = {
    "features and logits": lambda: [
        mtkd.FeatureDistillation("features", weight={"a": 2.0}),
        mtkd.LogitDistillation(temperature=2.0),
    ],
    "own layer and keras": lambda: [
        mtkd.FeatureDistillation("features", adaptor=keras.layers.Dense(5, "relu"), loss="mse"),
        mtkd.KerasDistillation(keras.distillation.LogitsDistillation(loss="mse"), tasks=["b"]),
    ],
}


def make(ways, **compiled):
    model = mtkd.MultiTaskDistiller(toy_model(batch_norm=True), toy_teachers(), ways)
    model.compile(
        **{
            "optimizer": keras.optimizers.Adam(1e-2),
            "adaptor_optimizer": keras.optimizers.Adam(3e-2),
            "loss": toy_losses(),
            "metrics": {"a": ["accuracy"], "b": [keras.metrics.MeanAbsoluteError(name="mae")]},
            **compiled,
        }
    )
    return model


def fit(model, epochs=2):
    x, y = toy_data()
    return model.fit(x, y, batch_size=len(x), epochs=epochs, shuffle=False, verbose=0).history


@pytest.mark.parametrize("ways", WAYS.values(), ids=WAYS.keys())
def test_training_goes_on_after_loading_as_if_nothing_had_happened(ways, tmp_path):
    model = make(ways())
    fit(model)
    model.task_weights.assign([0.5, 2.0])
    model.distillation_weights.assign([1.5, 0.25])
    model.save(tmp_path / "distiller.keras")
    loaded = keras.saving.load_model(tmp_path / "distiller.keras")
    assert equal_weights(snapshot(model), snapshot(loaded))
    assert loaded.get_config()["distillation"] == model.get_config()["distillation"]
    assert loaded.task_names == model.task_names
    expected, history = fit(model), fit(loaded)
    assert history.keys() == expected.keys()
    for name, values in expected.items():
        assert history[name] == pytest.approx(values, rel=1e-5), name
    for one, other in zip(snapshot(model), snapshot(loaded), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    for one, other in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6, err_msg=one.path)


def test_a_distiller_without_teachers_and_with_one_optimiser(tmp_path):
    model = mtkd.MultiTaskDistiller(toy_model(), {})
    model.compile("adam", loss="mse" and toy_losses())
    fit(model)
    model.save(tmp_path / "distiller.keras")
    loaded = keras.saving.load_model(tmp_path / "distiller.keras")
    assert fit(loaded)["loss"] == pytest.approx(fit(model)["loss"], rel=1e-5)


def test_a_teacher_of_two_tasks_is_still_one_model_after_loading(tmp_path):
    both = toy_model(width=5)
    model = mtkd.MultiTaskDistiller(
        toy_model(), {"a": both, "b": both}, [mtkd.FeatureDistillation("features")]
    )
    model.compile("adam", loss=toy_losses())
    model.save(tmp_path / "distiller.keras")
    loaded = keras.saving.load_model(tmp_path / "distiller.keras")
    assert loaded.teachers["a"] is loaded.teachers["b"]
    assert equal_weights(snapshot(both), snapshot(loaded.teachers["a"]))


def test_optimisers_of_teachers_stay_behind(tmp_path):
    import h5py

    teacher = toy_model(("a",), width=5)
    teacher.compile("adam", loss={"a": toy_losses()["a"]})
    teacher.optimizer.build(teacher.trainable_variables)
    model = mtkd.MultiTaskDistiller(
        toy_model(("a",)), {"a": teacher}, [mtkd.LogitDistillation(temperature=2.0)]
    )
    model.compile("sgd", loss={"a": toy_losses()["a"]})
    model.save(tmp_path / "distiller.keras")
    model.save_weights(tmp_path / "distiller.weights.h5")
    names = []
    with h5py.File(tmp_path / "distiller.weights.h5") as file:
        file.visit(names.append)
    assert {name.split("/vars")[0] for name in names if "optimizer/vars" in name} == {
        "frozen_teachers/frozen_teacher/without_optimizer",
        "optimizer",
    }
    loaded = keras.saving.load_model(tmp_path / "distiller.keras")
    assert equal_weights(snapshot(teacher), snapshot(loaded.teachers["a"]))
    assert not loaded.teachers["a"].optimizer.built
    assert loaded.teachers["a"].loss["a"].get_config()["from_logits"]
    assert teacher.optimizer.built


def test_the_student_alone_is_a_plain_keras_model(tmp_path):
    model = make(WAYS["features and logits"]())
    fit(model)
    model.student.save(tmp_path / "student.keras")
    model.save(tmp_path / "distiller.keras")
    loaded = keras.saving.load_model(tmp_path / "student.keras")
    assert type(loaded).__module__.startswith("keras.")
    x, _ = toy_data(1)
    for task, values in model.predict(x, verbose=0).items():
        np.testing.assert_allclose(loaded.predict(x, verbose=0)[task], values, rtol=1e-5)
    student, whole = (tmp_path / f"{n}.keras" for n in ("student", "distiller"))
    assert student.stat().st_size < 0.5 * whole.stat().st_size
    assert "keras_mtkd" not in str(loaded.get_config())


def test_weights_alone_can_be_saved_and_loaded(tmp_path):
    model = make(WAYS["features and logits"]())
    fit(model)
    model.save_weights(tmp_path / "distiller.weights.h5")
    other = make(WAYS["features and logits"]())
    other.load_weights(tmp_path / "distiller.weights.h5")
    assert equal_weights(snapshot(model), snapshot(other))


def test_backup_and_restore_goes_on_where_it_stopped(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("stopped")

    x, y = toy_data()
    start = toy_model(batch_norm=True)
    teachers = toy_teachers()

    def new():
        student = keras.models.clone_model(start)
        student.set_weights(start.get_weights())
        keras.utils.set_random_seed(4)
        ways = [mtkd.FeatureDistillation("features")]
        model = mtkd.MultiTaskDistiller(student, teachers, ways)
        model.compile(keras.optimizers.Adam(1e-2), loss=toy_losses())
        return model

    def go(model, *callbacks):
        return model.fit(
            x, y, batch_size=len(x), epochs=4, shuffle=False, verbose=0, callbacks=list(callbacks)
        )

    unbroken, broken = new(), new()
    go(unbroken)
    with pytest.raises(RuntimeError, match="stopped"):
        go(broken, keras.callbacks.BackupAndRestore(tmp_path / "backup"), Stop())
    resumed = new()
    go(resumed, keras.callbacks.BackupAndRestore(tmp_path / "backup"))
    for one, other in zip(snapshot(unbroken), snapshot(resumed), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_dropout_goes_on_with_its_random_numbers(tmp_path):
    inputs = keras.Input((6,))
    x = keras.layers.Dropout(0.5, seed=1)(keras.layers.Dense(8, name="features")(inputs))
    student = keras.Model(inputs, {"a": keras.layers.Dense(3)(x), "b": keras.layers.Dense(1)(x)})
    model = mtkd.MultiTaskDistiller(student, {})
    model.compile("adam", loss=toy_losses())
    fit(model)
    model.save(tmp_path / "distiller.keras")
    model.save_weights(tmp_path / "distiller.weights.h5")
    loaded = keras.saving.load_model(tmp_path / "distiller.keras")
    expected = fit(model)["loss"]
    assert fit(loaded)["loss"] == pytest.approx(expected, rel=1e-5)
    loaded.load_weights(tmp_path / "distiller.weights.h5")
    assert fit(loaded)["loss"] == pytest.approx(expected, rel=1e-5)
