import keras
import numpy as np
import pytest

from keras_mtkd._data.array_dataset import as_dataset
from keras_mtkd.datasets import ArrayDataset


def make(**kwargs):
    x = np.arange(10)[:, None]
    return ArrayDataset(x, {"a": x[:, 0] * 2}, {"a": x[:, 0] * 3.0}, batch_size=4, **kwargs)


def epoch(data):
    batches = [data[i] for i in range(len(data))]
    data.on_epoch_end()
    return np.concatenate([batch[0] for batch in batches])[:, 0], batches


def test_labels_and_weights_stay_with_their_inputs():
    order, batches = epoch(make(shuffle=True))
    assert sorted(order) == list(range(10))
    assert [len(batch[0]) for batch in batches] == [4, 4, 2]
    for x, y, weight in batches:
        np.testing.assert_array_equal(y["a"], 2 * x[:, 0])
        np.testing.assert_array_equal(weight["a"], 3.0 * x[:, 0])


def test_order_depends_on_seed_and_epoch_alone():
    data = make(shuffle=True, seed=5)
    first, second = epoch(data)[0], epoch(data)[0]
    assert not np.array_equal(first, second)
    data.reset()
    np.testing.assert_array_equal(epoch(data)[0], first)
    np.testing.assert_array_equal(epoch(data)[0], second)
    data.reset(seed=6)
    assert not np.array_equal(epoch(data)[0], first)


def test_without_shuffling():
    data = make()
    for _ in range(2):
        np.testing.assert_array_equal(epoch(data)[0], np.arange(10))


def shuffled_frame():
    """Rows whose index says another place than the one they have."""
    pandas = pytest.importorskip("pandas")
    values = np.arange(8.0)
    frame = pandas.DataFrame({"x": values, "a": values * 10, "b": values * 100})
    return frame.sample(frac=1, random_state=0)


def tensor(values):
    return keras.ops.convert_to_tensor(values)


KINDS = {
    "array": (lambda frame: frame[["x"]].to_numpy(), lambda frame: frame["a"].to_numpy()),
    "tensor": (lambda f: tensor(f[["x"]].to_numpy()), lambda f: tensor(f["a"].to_numpy())),
    "frame": (lambda frame: frame[["x"]], lambda frame: frame[["a"]]),
    "series": (lambda frame: frame["x"], lambda frame: frame["a"]),
    "lists": (lambda frame: [[x] for x in frame["x"]], lambda frame: list(frame["a"])),
    "dict": (lambda frame: {"x": frame["x"]}, lambda frame: frame["a"]),
    "list of inputs": (lambda f: [f["x"], f["x"].to_numpy()], lambda f: f["a"]),
    "tuple of inputs": (lambda f: (f["x"], f["x"].to_numpy()), lambda f: f["a"]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_rows_of_every_container_go_by_their_place(kind, weighted):
    frame = shuffled_frame()
    x, y = (make_part(frame) for make_part in KINDS[kind])
    weights = {"a": y} if weighted else None
    data = ArrayDataset(x, {"a": y}, weights, batch_size=3, shuffle=True, seed=1)
    seen = []
    for batch in (data[number] for number in range(len(data))):
        inputs = [np.ravel(part) for part in keras.tree.flatten(batch[0])]
        for part in inputs:
            np.testing.assert_array_equal(np.ravel(batch[1]["a"]), 10 * part)
        assert len(batch) == 2 + weighted
        if weighted:
            np.testing.assert_array_equal(np.ravel(batch[2]["a"]), 10 * inputs[0])
        assert isinstance(batch[0], type(x)) or not isinstance(x, dict | tuple)
        seen.extend(inputs[0])
    assert sorted(seen) == list(range(8))


@pytest.mark.parametrize("container", [list, tuple])
def test_models_train_on_a_list_of_inputs(container):
    ends = [keras.Input((1,)), keras.Input((1,))]
    model = keras.Model(ends, {"a": keras.layers.Subtract()(ends)})
    model.compile("sgd", loss={"a": "mae"})
    x = container([np.full((6, 1), 5.0), np.full((6, 1), 2.0)])
    data = ArrayDataset(x, {"a": np.zeros((6, 1))}, batch_size=4)
    np.testing.assert_allclose(model.evaluate(data, verbose=0), 3.0)


def test_labels_may_be_a_frame_of_tasks():
    frame = shuffled_frame()
    data = ArrayDataset(frame[["x"]], frame[["a", "b"]], batch_size=8)
    x, y = data[0]
    np.testing.assert_array_equal(y["a"], 10 * x[:, 0])
    np.testing.assert_array_equal(y["b"], 100 * x[:, 0])


def test_labels_without_tasks_are_refused_in_words():
    with pytest.raises(TypeError, match=r"`y` must be a dict.*Received: ndarray"):
        ArrayDataset(np.zeros((3, 1)), np.zeros(3))
    with pytest.raises(TypeError, match=r"`sample_weight` must be a dict.*Received: list"):
        ArrayDataset(np.zeros((3, 1)), {"a": np.zeros(3)}, [1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match=r"inputs must all have the same.*\[2, 3\]"):
        ArrayDataset({"a": np.zeros(3), "b": np.zeros(2)}, {"a": np.zeros(3)})


def test_arrays_become_a_data_set_and_other_kinds_end_in_words():
    x, y = np.zeros((3, 1)), {"a": np.zeros(3)}
    assert as_dataset((x, y), shuffle=True, role="data").shuffle
    assert as_dataset((x, y, y), shuffle=False, role="data").sample_weight is not None
    data = make()
    assert as_dataset(data, shuffle=True, role="data") is data
    for wrong in ((batch for batch in [(x, y)]), [(x, y)], x):
        with pytest.raises(TypeError, match=r"The probe data must be.*Received.*read again"):
            as_dataset(wrong, shuffle=True, role="probe data")


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="Task 'a' has 2 labels or weights for 3 inputs"):
        ArrayDataset(np.zeros((3, 1)), {"a": np.zeros(2)})


def test_fingerprint_tells_contents_apart():
    assert make().fingerprint() == make(shuffle=True).fingerprint()
    other = make()
    other.y["a"] = other.y["a"] + 1
    assert other.fingerprint() != make().fingerprint()


def test_tasks_may_say_that_they_have_no_labels():
    x, y = np.arange(6.0), np.arange(6)
    data = ArrayDataset(x, {"a": y, "b": None}, {"a": None}, batch_size=4)
    _, labels, weights = data[1]
    assert list(labels) == ["a"]
    assert labels["a"].tolist() == [4, 5]
    assert weights == {}


def test_inputs_may_be_nested():
    x = {
        "left": {"image": np.arange(6), "text": [str(i) for i in range(6)]},
        "right": -np.arange(6),
    }
    batch = ArrayDataset(x, {"a": np.zeros(6)}, batch_size=4)[1][0]
    assert batch["left"]["image"].tolist() == [4, 5]
    assert batch["left"]["text"].tolist() == ["4", "5"]
    assert batch["right"].tolist() == [-4, -5]
