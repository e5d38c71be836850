"""Orders in `fit`: those of every epoch, of runs that go on, and what is left alone."""

import json
import shutil

import keras
import numpy as np
import pytest
from helpers import BACKEND, equal_weights, snapshot, toy_data, toy_losses, toy_model, toy_teachers
from replicas import on_replicas
from stopping import StopAfter

import keras_mtkd as mtkd
from keras_mtkd.callbacks import BackupAndRestore
from keras_mtkd.distillers.data_order.in_order import TellEpoch, in_order
from keras_mtkd.distillers.data_order.passes import DataOrder, Passes, drawn_seed

SAMPLES, BATCH, EPOCHS = 22, 8, 2
X, Y = toy_data(samples=SAMPLES)
ROWS = np.arange(SAMPLES)
NUMBERS = (ROWS, {"a": ROWS * 2})


def ordered(x, y=None, **arguments):
    return in_order(toy_model(), x, y, arguments)


def epochs_of(data, order, numbers=range(3)):
    for order.epoch in numbers:
        yield [np.array(batch[0]).tolist() for batch in data]


def expected(seed, epochs, steps=None, shuffle=True):
    order = DataOrder(seed)
    passes = Passes(order, SAMPLES, BATCH, steps, shuffle)
    for order.epoch in epochs:
        yield [passes.of_step(step).tolist() for step in range(passes.steps)]


class Batches(keras.utils.PyDataset):
    """A data set of somebody who leaves the order to `fit`."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.seen, self.ends = [], 0

    def __len__(self):
        return 3

    def __getitem__(self, index):
        self.seen.append(index)
        rows = slice(BATCH * index, BATCH * index + BATCH)
        return X[rows], {task: values[rows] for task, values in Y.items()}

    def on_epoch_end(self):
        self.ends += 1


class Numbered(Batches):
    """Labels tell the number of their batch."""

    def __getitem__(self, index):
        x, y = super().__getitem__(index)
        return x, {**y, "b": np.full((len(x), 1), index + 1, "float32")}


class Digits(keras.metrics.Metric):
    """The numbers of all batches of an epoch in their order, as the digits of one."""

    def __init__(self, name="digits"):
        super().__init__(name=name)
        self.value = self.add_weight(name="value", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.value.assign(10 * self.value + keras.ops.mean(y_true))

    def result(self):
        return 1.0 * self.value


class TestData:
    @pytest.mark.parametrize("shuffle", [True, "batch"])
    def test_arrays(self, shuffle):
        np.random.seed(4)
        order, data, y, arguments = ordered(*NUMBERS, batch_size=BATCH, shuffle=shuffle)
        np.random.seed(4)
        assert order.seed == drawn_seed()
        assert y is None
        assert arguments["shuffle"] is False
        wanted = expected(order.seed, range(3), shuffle=shuffle)
        assert list(epochs_of(data, order)) == list(wanted)

    @pytest.mark.parametrize("container", [dict, list, tuple, np.array])
    def test_arrays_without_labels(self, container):
        x = container({"x": ROWS}) if container is dict else container([ROWS, ROWS])
        x = ROWS if container is np.array else x
        order, data, y, arguments = ordered(x, batch_size=BATCH)
        assert y is None
        assert arguments["shuffle"] is False
        found = [
            [keras.tree.flatten(keras.tree.map_structure(np.array, batch))[0] for batch in data]
            for order.epoch in range(2)
        ]
        wanted = list(expected(order.seed, range(2)))
        assert [[rows.tolist() for rows in epoch] for epoch in found] == wanted

    def test_every_fit_has_an_order_of_its_own(self):
        orders = [ordered(*NUMBERS)[0].seed for _ in range(5)]
        assert len(set(orders)) == 5

    def test_steps_of_epochs(self):
        order, data, _, arguments = ordered(*NUMBERS, batch_size=BATCH, steps_per_epoch=2)
        assert arguments["steps_per_epoch"] is None
        wanted = expected(order.seed, range(3), steps=2)
        assert list(epochs_of(data, order)) == list(wanted)
        # By themselves they say the size of a batch.
        order, data, *_ = ordered(*NUMBERS, steps_per_epoch=2)
        (steps,) = epochs_of(data, order, [0])
        assert [len(step) for step in steps] == [11, 11]

    def test_steps_in_order(self):
        order, data, *_ = ordered(*NUMBERS, batch_size=BATCH, steps_per_epoch=2, shuffle=False)
        assert order.seed is None
        wanted = expected(0, range(3), steps=2, shuffle=False)
        assert list(epochs_of(data, order)) == list(wanted)

    def test_more_steps_than_batches(self):
        with pytest.warns(UserWarning, match="`steps_per_epoch=4` is more than the 3 batches"):
            order, data, *_ = ordered(*NUMBERS, batch_size=BATCH, steps_per_epoch=4)
        assert list(epochs_of(data, order)) == list(expected(order.seed, range(3)))

    def test_validation_split(self):
        x, y = NUMBERS
        order, data, _, arguments = ordered(
            x, y, sample_weight=ROWS * 1.0, batch_size=BATCH, validation_split=0.25
        )
        for steps in epochs_of(data, order):
            assert sorted(np.concatenate(steps)) == list(range(16))
            assert np.concatenate(steps).tolist() != list(range(16))
        values, labels, weights = arguments["validation_data"]
        assert values.tolist() == ROWS[16:].tolist()
        assert labels["a"].tolist() == (ROWS[16:] * 2).tolist()
        assert weights["a"].tolist() == ROWS[16:].tolist()
        assert (arguments["validation_split"], arguments["sample_weight"]) == (0.0, None)

    def test_batches_of_a_data_set(self):
        given = Batches(workers=3, use_multiprocessing=True, max_queue_size=7)
        order, data, _, arguments = ordered(given)
        assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (3, True, 7)
        assert (data.num_batches, arguments["shuffle"]) == (3, False)
        for order.epoch in (2, 0):
            given.seen.clear()
            list(data)
            wanted = np.random.default_rng([order.seed, order.epoch]).permutation(3)
            assert given.seen == wanted.tolist()

    def test_steps_of_a_data_set_in_order(self):
        given = Batches()
        order, data, *_ = ordered(given, steps_per_epoch=2, shuffle=False)
        for order.epoch in range(3):
            list(data)
        assert given.seen == [0, 1, 2, 0, 1, 2]

    def test_a_data_set_that_changes_its_length(self):
        given = Batches()
        _, data, *_ = ordered(given)
        list(data)
        given.seen.clear()
        type(given).__len__, before = lambda self: 2, type(given).__len__
        try:
            list(data)
        finally:
            type(given).__len__ = before
        assert sorted(given.seen) == [0, 1]

    def test_a_data_set_that_has_its_own_order(self):
        given = mtkd.datasets.ArrayDataset(X, Y, shuffle=True)
        order, data, _, arguments = ordered(given)
        assert data is given
        assert (order.seed, arguments["shuffle"]) == (None, False)
        (tell,) = arguments["callbacks"]
        given.set_epoch(1)
        tell.on_epoch_begin(0)
        assert (given.epoch, order.epoch) == (1, 0)
        # A run that goes on, in a process that has just begun.
        tell.on_epoch_begin(6)
        assert (given.epoch, order.epoch) == (7, 6)
        # A second run with the same data.
        tell.on_epoch_begin(0)
        assert given.epoch == 7

    def test_left_alone(self):
        generator = (batch for batch in [(X, Y)])
        arguments = {"shuffle": True, "epochs": 2}
        for x, y in ((generator, None), (X.tolist(), Y)):
            assert ordered(x, y, **arguments)[1:] == (x, y, arguments)
        arguments = {"shuffle": False}
        for x, y in ((X, Y), (Batches(), None)):
            _, found, labels, changed = ordered(x, y, **arguments)
            assert found is x
            assert labels is y
            assert changed["shuffle"] is False
        # Keras says what is wrong.
        assert ordered(X, Y, validation_split=1.0)[1] is X

    def test_callbacks(self):
        mine = keras.callbacks.Callback()
        for given in (mine, [mine]):
            callbacks = ordered(*NUMBERS, callbacks=given)[3]["callbacks"]
            assert isinstance(callbacks[0], TellEpoch)
            assert callbacks[1:] == [mine]
        made = keras.callbacks.CallbackList([mine])
        for _ in range(2):
            order, *_, arguments = ordered(*NUMBERS, callbacks=made)
            assert arguments["callbacks"] is made
            first, second = made.callbacks
            assert first.order is order
            assert second is mine


def distiller(kind="distiller"):
    model = toy_model()
    if kind == "online":
        ways = [mtkd.FeatureDistillation("features")]
        made = mtkd.OnlineKD(model, toy_teachers(), ways, warmup=0)
    else:
        made = mtkd.MultiTaskDistiller(model, {"b": toy_model("b", 5)}, [mtkd.LogitDistillation()])
    made.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss=toy_losses())
    return made


def fitted(*arguments, kind="distiller", seed=0, **more):
    """The weights after a run that starts from a seed, as one that goes on does."""
    keras.utils.set_random_seed(0)
    model = distiller(kind)
    keras.utils.set_random_seed(seed)
    more = {"batch_size": BATCH, "epochs": EPOCHS, "verbose": 0, **more}
    model.fit(*arguments, **more)
    return snapshot(model)


@pytest.mark.parametrize("workers", [1, 2])
def test_batches_that_are_read_ahead_begin_with_the_first(workers):
    model = distiller()
    model.compile("sgd", loss=toy_losses(), metrics={"b": [Digits()]})
    data = Numbered(workers=workers)
    seen = model.fit(data, epochs=2, shuffle=False, verbose=0).history["b_digits"]
    assert seen == [123, 123]


@pytest.fixture(scope="module")
def whole():
    keras.utils.set_random_seed(0)
    return fitted(X, Y)


def by_hand(seed):
    """Epochs of rows that were put in order before."""
    keras.utils.set_random_seed(0)
    model = distiller()
    keras.utils.set_random_seed(seed)
    number = drawn_seed()
    for epoch in range(EPOCHS):
        rows = np.random.default_rng([number, epoch]).permutation(SAMPLES)
        labels = {task: values[rows] for task, values in Y.items()}
        model.fit(X[rows], labels, BATCH, verbose=0, shuffle=False)
    return snapshot(model)


def continued(folder, data, seed, backup, **more):
    """The weights after a run that was stopped after an epoch and goes on under a seed."""
    for now, others in ((0, [StopAfter(1)]), (seed, [])):
        weights = fitted(*data(), seed=now, callbacks=[backup(folder), *others], **more)
    return weights


def arrays():
    return X, Y


def kept(folder):
    return BackupAndRestore(folder, delete=False)


def keras_own(folder):
    return keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """Folder of a run that was stopped after an epoch."""
    folder = tmp_path_factory.mktemp("stopped")
    fitted(X, Y, callbacks=[kept(folder), StopAfter(1)])
    return folder


class TestFit:
    def test_rows_are_those_of_the_seed_and_the_epoch(self, whole):
        assert equal_weights(whole, by_hand(0))
        assert not equal_weights(whole, fitted(X, Y, seed=1))

    @pytest.mark.traced
    def test_traced(self, whole):
        if BACKEND == "tensorflow":
            for one, other in zip(fitted(X, Y), whole, strict=True):
                np.testing.assert_allclose(one, other, atol=1e-5)

    def test_tells_callbacks_what_was_given(self):
        seen = []

        def look(epoch, logs):
            seen.append((model.fit_data, model.fit_order.epoch))

        model = distiller()
        look = keras.callbacks.LambdaCallback(on_epoch_begin=look)
        model.fit(X, Y, batch_size=BATCH, epochs=2, initial_epoch=1, verbose=0, callbacks=[look])
        ((data, epoch),) = seen
        assert data[0] is X
        assert data[1] is Y
        assert epoch == 1
        assert model.fit_order is None

    def test_goes_on_with_a_backup_whatever_the_seed(self, whole, stopped, tmp_path):
        shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
        assert equal_weights(fitted(X, Y, seed=9, callbacks=[kept(tmp_path)]), whole)

    def test_goes_on_with_an_old_backup(self, stopped, tmp_path):
        shutil.copytree(stopped, tmp_path, dirs_exist_ok=True)
        (path,) = tmp_path.rglob("epoch-00001.json")
        old = json.loads(path.read_text())
        del old["seed"]
        path.write_text(json.dumps(old))
        model = distiller()
        history = model.fit(
            X, Y, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=[kept(tmp_path)]
        )
        assert history.epoch == [1]

    def test_goes_on_with_keras_backup_and_the_same_seed(self, whole, tmp_path):
        assert equal_weights(continued(tmp_path, arrays, 0, keras_own), whole)

    def test_a_data_set_of_its_own_order_goes_on_with_keras_backup(self, tmp_path):
        def data():
            return mtkd.datasets.ArrayDataset(X, Y, batch_size=BATCH, shuffle=True)

        expected = fitted(data())
        assert equal_weights(continued(tmp_path, lambda: (data(),), 9, keras_own), expected)

    def test_online_goes_on(self, tmp_path):
        expected = fitted(X, Y, kind="online")
        assert equal_weights(continued(tmp_path, arrays, 9, kept, kind="online"), expected)

    def test_batches_of_a_data_set_go_on(self, tmp_path):
        data = Batches()
        expected = fitted(data)
        assert data.ends == EPOCHS + 1  # Keras ends one before the first.
        assert equal_weights(continued(tmp_path, lambda: (Batches(),), 9, kept), expected)

    def test_epochs_of_fewer_steps_go_on(self, tmp_path):
        expected = fitted(X, Y, steps_per_epoch=2)
        found = continued(tmp_path, arrays, 9, kept, steps_per_epoch=2)
        assert equal_weights(found, expected)

    @pytest.mark.traced
    def test_on_replicas(self, whole):
        for one, other in zip(on_replicas(2, lambda: fitted(X, Y)), whole, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
