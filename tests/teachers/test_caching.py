"""Teachers' features, computed once and kept."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import keras
import numpy as np
import pytest
from helpers import BACKEND, snapshot, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd._data.cached_features import detach_features
from keras_mtkd._data.content import sample_hashes
from keras_mtkd.teachers import store as store_module

WAYS = {
    "features": lambda: [mtkd.FeatureDistillation("features")],
    "predictions": lambda: [mtkd.LogitDistillation()],
    "both": lambda: [
        mtkd.FeatureDistillation("features", tasks=["a"]),
        mtkd.LogitDistillation(["a"], loss="mse"),
        mtkd.FeatureDistillation("hidden", tasks=["b"], projector="linear"),
    ],
}


SAMPLES = 24


def dataset(shuffle=True, samples=SAMPLES, **arguments):
    x, y = toy_data(samples=samples)
    return mtkd.datasets.ArrayDataset(x, y, batch_size=8, shuffle=shuffle, **arguments)


def trained(ways, teachers, data, epochs=2, **arguments):
    keras.utils.set_random_seed(5)
    distiller = mtkd.MultiTaskDistiller(toy_model(), teachers, ways)
    distiller.compile(
        keras.optimizers.SGD(0.05, momentum=0.9),
        loss=toy_losses(),
        adaptor_optimizer=keras.optimizers.SGD(0.1),
        **arguments,
    )
    # Data sets shuffle by themselves; Keras warns where it is asked to.
    history = distiller.fit(data, epochs=epochs, verbose=0, shuffle=False).history
    return snapshot(distiller.student), history


@pytest.mark.parametrize("ways", WAYS.values(), ids=WAYS.keys())
def test_training_is_that_with_live_teachers(ways, tmp_path):
    teachers = toy_teachers()
    live, expected = trained(ways(), teachers, dataset())
    for number, shard_bytes in {"one": 2**20, "many": 200}.items():
        folder = tmp_path / number
        cached = mtkd.teachers.cache(
            teachers, dataset(), folder, ways(), shard_bytes=shard_bytes, verbose=0
        )
        assert (len(list(folder.glob("shard-*"))) > 1) is (number == "many")
        weights, history = trained(ways(), teachers, cached)
        assert history.keys() == expected.keys()
        for name, values in expected.items():
            assert history[name] == pytest.approx(values, rel=1e-4), (number, name)
        for one, other in zip(live, weights, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5, err_msg=number)


def test_batches_read_ahead_and_several_steps_at_once_change_nothing(tmp_path):
    ways, teachers = WAYS["features"], toy_teachers()
    plain = mtkd.teachers.cache(teachers, dataset(), tmp_path, ways(), verbose=0)
    ahead = mtkd.teachers.cache(teachers, dataset(workers=3), tmp_path, ways(), verbose=0)
    assert ahead.workers == 3
    expected, _ = trained(ways(), teachers, plain)
    found, _ = trained(ways(), teachers, ahead, steps_per_execution=3)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_no_teacher_runs(tmp_path):
    teachers, ways = toy_teachers(), [mtkd.FeatureDistillation("features")]
    cached = mtkd.teachers.cache(teachers, dataset(), tmp_path, ways, verbose=0)

    class Forbidden(keras.layers.Layer):
        def call(self, x):
            raise AssertionError("a teacher ran")

    distiller = mtkd.MultiTaskDistiller(toy_model(), teachers, ways)
    distiller.compile("adam", loss=toy_losses())
    for branch in distiller.wiring.branches:
        branch.teacher.call = Forbidden().call
    distiller.fit(cached, epochs=1, verbose=0)
    assert distiller.evaluate(cached, verbose=0, return_dict=True)["loss"] > 0


def test_features_stay_with_their_inputs_under_any_permutation(tmp_path):
    teachers, ways = toy_teachers(), [mtkd.FeatureDistillation("features")]
    mtkd.teachers.cache(teachers, dataset(False), tmp_path, ways, shard_bytes=300, verbose=0)
    x, y = toy_data(samples=SAMPLES)
    order = np.random.default_rng(3).permutation(len(x))
    turned = mtkd.datasets.ArrayDataset(x[order], {t: v[order] for t, v in y.items()}, None, 7)
    cached = mtkd.teachers.cache(teachers, turned, tmp_path, ways, verbose=0)
    features = keras.Model(teachers["a"].input, teachers["a"].get_layer("features").output)
    for index in range(cached.num_batches):
        inputs, labels = cached[index]
        inputs, brought = detach_features(inputs)
        rows = order[index * 7 : index * 7 + 7]
        np.testing.assert_array_equal(inputs, x[rows])
        np.testing.assert_array_equal(labels["a"], y["a"][rows])
        name = next(key for key in brought if key.startswith("a|"))
        np.testing.assert_allclose(brought[name], features.predict(x[rows], verbose=0), atol=1e-6)


def test_half_precision_and_pooling(tmp_path):
    def network(tasks, channels):
        inputs = keras.Input((8, 8, 3))
        x = keras.layers.Conv2D(channels, 3, padding="same", name="maps")(inputs)
        heads = {t: keras.layers.Conv2D(1, 1)(x) for t in tasks}
        return keras.Model(inputs, heads)

    generator = np.random.default_rng(0)
    x = generator.normal(size=(6, 8, 8, 3)).astype("float32")
    y = {"d": generator.normal(size=(6, 8, 8, 1)).astype("float32")}
    data = mtkd.datasets.ArrayDataset(x, y, batch_size=6)
    teacher, student = network("d", 5), network("d", 4)
    seen = []

    class Watched(keras.layers.Dense):
        def call(self, inputs):
            seen.append(inputs.shape[1:3])
            return super().call(inputs)

    way = mtkd.FeatureDistillation("maps", loss="mse", adaptor=lambda: Watched(5, use_bias=False))
    cached = mtkd.teachers.cache(
        {"d": teacher}, data, tmp_path, [way], "float16", {"maps": 4}, verbose=0
    )
    ((stored,),) = [detach_features(cached[0][0])[1].values()]
    assert (stored.shape, stored.dtype) == ((6, 2, 2, 5), np.dtype("float16"))
    distiller = mtkd.MultiTaskDistiller(student, {"d": teacher}, [way])
    distiller.compile(keras.optimizers.SGD(0.0), loss="mse")
    found = distiller.fit(cached, verbose=0).history["d_distillation_loss"][0]

    def means(maps):
        return maps.reshape(6, 2, 4, 2, 4, -1).mean((2, 4))

    tap = [
        keras.Model(m.input, m.get_layer("maps").output).predict(x, verbose=0)
        for m in (teacher, student)
    ]
    kernel = np.array(distiller.adaptors["d/maps"].kernel)
    expected = np.square(means(tap[0]) - means(tap[1] @ kernel)).mean()
    assert found == pytest.approx(expected, rel=2e-3)
    assert seen == [(2, 2)] * len(seen)
    with pytest.raises(ValueError, match="cannot be averaged over squares of 3 by 3"):
        mtkd.teachers.cache(
            {"d": teacher}, data, tmp_path / "b", [way], pool={"maps": 3}, verbose=0
        )


class TestAnyChangeIsRefused:
    ways = (mtkd.FeatureDistillation("features"),)

    def kept(self, tmp_path, teachers=None):
        teachers = teachers or toy_teachers()
        return teachers, mtkd.teachers.cache(teachers, dataset(), tmp_path, self.ways, verbose=0)

    def test_other_teachers(self, tmp_path):
        teachers, _ = self.kept(tmp_path)
        teachers["a"].layers[1].kernel.assign_add(teachers["a"].layers[1].kernel)
        with pytest.raises(ValueError, match="made under other conditions .*teachers"):
            self.kept(tmp_path, teachers)

    def test_other_taps(self, tmp_path):
        teachers, _ = self.kept(tmp_path)
        with pytest.raises(ValueError, match="other conditions"):
            mtkd.teachers.cache(
                teachers, dataset(), tmp_path, [mtkd.FeatureDistillation("hidden")], verbose=0
            )

    def test_other_data(self, tmp_path):
        teachers, _ = self.kept(tmp_path)
        with pytest.raises(ValueError, match="other conditions .*data"):
            mtkd.teachers.cache(
                teachers, dataset(samples=SAMPLES + 1), tmp_path, self.ways, verbose=0
            )

    def test_other_precision(self, tmp_path):
        teachers, _ = self.kept(tmp_path)
        with pytest.raises(ValueError, match="other conditions"):
            mtkd.teachers.cache(teachers, dataset(), tmp_path, self.ways, "float16", verbose=0)

    def test_a_teacher_that_changed_after_caching(self, tmp_path):
        teachers, cached = self.kept(tmp_path)
        distiller = mtkd.MultiTaskDistiller(toy_model(), teachers, self.ways)
        distiller.compile("adam", loss=toy_losses())
        distiller.fit(cached, verbose=0)
        kernel = teachers["a"].layers[1].kernel
        kernel.assign(2.0 * np.array(kernel))
        with pytest.raises(ValueError, match="teachers, as they are now"):
            distiller.fit(cached, verbose=0)

    def test_inputs_that_are_not_in_the_cache(self, tmp_path):
        _, cached = self.kept(tmp_path)
        cached.data.x = cached.data.x + 1.0
        with pytest.raises(ValueError, match="8 of 8 samples of a batch are not in the cache"):
            cached[0]

    def test_data_that_changes_whenever_it_is_read(self, tmp_path):
        class Noisy(keras.utils.PyDataset):
            num_batches = 2

            def __getitem__(self, index):
                return np.random.normal(size=(4, 6)).astype("float32"), {}

        with pytest.raises(ValueError, match="second time it was read"):
            mtkd.teachers.cache(toy_teachers(), Noisy(), tmp_path, self.ways, verbose=0)


def test_the_size_is_told_and_must_fit(tmp_path, capsys, monkeypatch):
    teachers, ways = toy_teachers(), [mtkd.FeatureDistillation("features")]
    mtkd.teachers.cache(teachers, dataset(), tmp_path, ways)
    assert f"{SAMPLES} samples of 0.0 KiB, 0.0 MiB" in " ".join(capsys.readouterr().out.split())
    mtkd.teachers.cache(teachers, dataset(), tmp_path, ways)
    assert capsys.readouterr().out == ""  # nothing left to do
    usage = store_module.shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr("keras_mtkd.teachers.caching.shutil.disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="has 0 MiB left"):
        mtkd.teachers.cache(teachers, dataset(), tmp_path / "full", ways, verbose=0)
    assert not list((tmp_path / "full").glob("*"))


def test_a_full_disk_keeps_what_was_finished(tmp_path, monkeypatch):
    teachers, ways = toy_teachers(), [mtkd.FeatureDistillation("features")]
    real, written = np.save, []

    def save(path, values):
        written.append(path)
        if len(written) > 8:
            raise OSError(28, "No space left on device")
        real(path, values)

    monkeypatch.setattr(store_module.np, "save", save)
    with pytest.raises(OSError, match="No space left"):
        mtkd.teachers.cache(teachers, dataset(), tmp_path, ways, shard_bytes=200, verbose=0)
    monkeypatch.undo()
    assert len(list(tmp_path.glob("shard-*"))) == 2
    assert not list(tmp_path.glob(".shard-*"))
    whole = mtkd.teachers.cache(teachers, dataset(), tmp_path, ways, verbose=0)
    assert len(whole.store) == SAMPLES


def features_of(model, x):
    return keras.Model(model.input, model.get_layer("features").output).predict(x, verbose=0)


KILLED = """
import os, signal, sys
import numpy as np
sys.path[:0] = {paths!r}
import keras
import keras_mtkd as mtkd
from keras_mtkd.teachers import store

real, count = np.save, [0]

def save(path, values):
    real(path, values)
    count[0] += 1
    if count[0] == {after}:
        os.kill(os.getpid(), signal.SIGKILL)

store.np.save = save
teachers = {{"a": keras.saving.load_model({model!r})}}
x = np.load({x!r})
y = {{"a": np.zeros(len(x), int)}}
data = mtkd.datasets.ArrayDataset(x, y, batch_size=8, shuffle=True)
ways = [mtkd.FeatureDistillation("features")]
mtkd.teachers.cache(teachers, data, {directory!r}, ways, shard_bytes=200, verbose=0)
"""


def test_whatever_a_kill_can_leave_is_completed(tmp_path, monkeypatch):
    """The folder as it is after every file that is written is what a kill there would leave."""
    teachers, (x, y) = {"a": toy_model(("a",))}, toy_data(samples=SAMPLES)
    data = mtkd.datasets.ArrayDataset(x, {"a": y["a"]}, batch_size=8, shuffle=True)
    ways, directory = [mtkd.FeatureDistillation("features")], tmp_path / "cache"
    real, moments = np.save, []

    def save(path, values):
        real(path, values)
        moments.append(tmp_path / f"moment {len(moments)}")
        shutil.copytree(directory, moments[-1])

    monkeypatch.setattr(store_module.np, "save", save)
    mtkd.teachers.cache(teachers, data, directory, ways, shard_bytes=200, verbose=0)
    monkeypatch.undo()
    assert len(moments) == 6  # hashes and features of 3 shards
    expected = features_of(teachers["a"], x)
    for number, folder in enumerate(moments):
        assert len(list(folder.glob("shard-*"))) == number // 2
        assert len(list(folder.glob(".shard-*/*"))) == number % 2 + 1
        cached = mtkd.teachers.cache(teachers, data, folder, ways, verbose=0)
        assert not list(folder.glob(".shard-*"))
        found = cached.store.read(sample_hashes(x))
        np.testing.assert_allclose(*found.values(), expected, atol=1e-6)


@pytest.mark.parametrize(
    "after",
    [pytest.param(1, marks=pytest.mark.slow), 4, pytest.param(7, marks=pytest.mark.slow)],
)
def test_killed_at_any_moment(after, tmp_path):
    teacher, (x, _) = toy_model(("a",)), toy_data()
    teacher.save(tmp_path / "teacher.keras")
    np.save(tmp_path / "x.npy", x)
    directory = tmp_path / "cache"
    script = textwrap.dedent(KILLED).format(
        paths=[str(Path(mtkd.__file__).parents[1])],
        after=after,
        model=str(tmp_path / "teacher.keras"),
        x=str(tmp_path / "x.npy"),
        directory=str(directory),
    )
    ended = subprocess.run([sys.executable, "-c", script], env=os.environ, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]
    assert len(list(directory.glob("shard-*"))) == (after - 1) // 2
    data = mtkd.datasets.ArrayDataset(x, {"a": np.zeros(len(x), int)}, batch_size=8)
    teachers = {"a": keras.saving.load_model(tmp_path / "teacher.keras")}
    ways = (mtkd.FeatureDistillation("features"),)
    cached = mtkd.teachers.cache(teachers, data, directory, ways, verbose=0)
    assert not list(directory.glob(".shard-*"))
    found = cached.store.read(sample_hashes(x))
    np.testing.assert_allclose(*found.values(), features_of(teacher, x), atol=1e-6)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.data, on the backend that brings it")
def test_tf_data_shuffled_upstream(tmp_path):
    import tensorflow as tf

    teachers, ways = toy_teachers(), [mtkd.FeatureDistillation("features")]
    x, y = toy_data(samples=SAMPLES)
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(SAMPLES).batch(8)
    cached = mtkd.teachers.cache(teachers, data, tmp_path, ways, verbose=0)
    features = keras.Model(teachers["b"].input, teachers["b"].get_layer("features").output)
    for inputs, _ in cached:
        inputs, brought = detach_features(inputs)
        name = next(key for key in brought if key.startswith("b|"))
        np.testing.assert_allclose(
            brought[name], features.predict(inputs.numpy(), verbose=0), atol=1e-6
        )
    assert trained(ways, teachers, cached)[1]["a_distillation_loss"][-1] < 2.0
    with pytest.raises(ValueError, match="teachers, as they are now"):
        trained(ways, toy_teachers(), cached)


def test_scd_on_cached_features(tmp_path):
    teachers, ways = toy_teachers(), [mtkd.FeatureDistillation("features")]
    cached = mtkd.teachers.cache(teachers, dataset(), tmp_path, ways, verbose=0)
    runs = []
    for data in (dataset(), cached):
        keras.utils.set_random_seed(5)
        distiller = mtkd.MultiTaskDistiller(toy_model(), teachers, ways)
        distiller.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss=toy_losses())
        callbacks = [
            mtkd.callbacks.SimilarityGrouping(layer="features", n_blocks=2),
            mtkd.callbacks.SequentialDistillation(complexity="teacher"),
        ]
        distiller.fit(data, epochs=4, verbose=0, callbacks=callbacks)
        runs.append((distiller.queue, snapshot(distiller.student)))
    assert runs[0][0] == runs[1][0]
    for one, other in zip(runs[0][1], runs[1][1], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_arrays_are_a_data_set_that_shuffles(tmp_path):
    teachers, ways = toy_teachers(), [mtkd.FeatureDistillation("features")]
    x, y = toy_data(samples=24)
    cached = mtkd.teachers.cache(teachers, (x, y), tmp_path, ways, verbose=0)
    inputs, labels = cached[0]
    inputs, brought = detach_features(inputs)
    rows = [int(np.flatnonzero((x == sample).all(axis=1))[0]) for sample in inputs]
    assert rows != sorted(rows)
    np.testing.assert_array_equal(labels["a"], y["a"][rows])
    assert {len(values) for values in brought.values()} == {len(rows)}


def test_the_order_of_ways_does_not_mix_features_up(tmp_path):
    teachers = {"a": toy_model(("a",), 5)}
    ways = [mtkd.LogitDistillation(["a"]), mtkd.FeatureDistillation("features", tasks=["a"])]
    found = [
        mtkd.teachers.cache(teachers, dataset(False), tmp_path, order, verbose=0)[0][0]
        for order in (ways, ways[::-1])
    ]
    one, other = (detach_features(inputs)[1] for inputs in found)
    assert {key.split("|")[-1]: values.shape for key, values in one.items()} == {
        "features": (8, 5),
        "prediction of a": (8, 3),
    }
    for key, values in one.items():
        np.testing.assert_array_equal(values, other[key])


def test_teachers_with_dropout_are_those_of_their_files(tmp_path, monkeypatch):
    inputs = keras.Input((6,))
    x = keras.layers.Dropout(0.3)(keras.layers.Dense(4, name="features")(inputs))
    keras.Model(inputs, {"a": keras.layers.Dense(3)(x)}).save(tmp_path / "teacher.keras")
    ways, samples = [mtkd.FeatureDistillation("features")], []
    for _ in range(2):
        teachers = {"a": keras.saving.load_model(tmp_path / "teacher.keras")}
        found = mtkd.teachers.cache(teachers, dataset(), tmp_path / "cache", ways, verbose=0)
        samples.append(len(found.store))
        monkeypatch.setattr("keras_mtkd.teachers.caching._fill", None)
    assert samples == [SAMPLES] * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dtype": "int8"}, "`dtype` must be"),
        ({"data": 3}, "data to cache must be"),
        ({"distillation": []}, "nothing to keep"),
        ({"data": mtkd.datasets.ArrayDataset(np.zeros((0, 6)), {})}, "data set is empty"),
    ],
)
def test_bad_arguments(arguments, message, tmp_path):
    given = {
        "teachers": toy_teachers(),
        "data": dataset(),
        "directory": tmp_path,
        "distillation": [mtkd.FeatureDistillation("features")],
        **arguments,
    }
    with pytest.raises((ValueError, TypeError), match=message):
        mtkd.teachers.cache(**given)


class Inputs(keras.utils.PyDataset):
    """Batches of inputs alone."""

    num_batches = 3

    def __getitem__(self, index):
        return toy_data(samples=SAMPLES)[0][8 * index : 8 * index + 8]


@pytest.mark.parametrize("kind", ["PyDataset", "tf.data"])
def test_batches_of_inputs_alone(kind, tmp_path):
    data = Inputs()
    if kind == "tf.data":
        tensorflow = pytest.importorskip("tensorflow")
        data = tensorflow.data.Dataset.from_tensor_slices(toy_data(samples=SAMPLES)[0]).batch(8)
    teachers, ways = toy_teachers(), WAYS["predictions"]()
    kept = mtkd.teachers.cache(teachers, data, tmp_path, ways, verbose=0)
    histories = []
    for given in (data, kept):
        keras.utils.set_random_seed(5)
        distiller = mtkd.MultiTaskDistiller(toy_model(), teachers, ways)
        distiller.compile(keras.optimizers.SGD(0.05), loss=toy_losses())
        histories.append(distiller.fit(given, verbose=0, shuffle=False).history)
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-5)
