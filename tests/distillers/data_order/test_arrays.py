import numpy as np
import pytest

from distillers.data_order.batch_contract import CASES, ROWS, assert_holds_samples_together
from keras_mtkd.distillers.data_order import arrays as dense
from keras_mtkd.distillers.data_order.passes import DataOrder, Passes


def taken(x, y=None, weights=None):
    return dense.as_arrays(x, ROWS if y is None else y, weights)


def test_any_structure():
    x = {"left": ROWS[:, None], "right": [ROWS * 2, (ROWS * 3,)]}
    found, labels = taken(x, {"a": ROWS, "b": ROWS.astype("float32")})
    assert found["left"] is x["left"]
    np.testing.assert_array_equal(found["right"][1][0], ROWS * 3)
    assert list(labels) == ["a", "b"]


def test_floats_become_keras_default():
    kinds = {kind: ROWS.astype(kind) for kind in ("float64", "float16", "int64", "uint8", "bool")}
    found, _ = taken(kinds)
    assert [str(found[kind].dtype) for kind in kinds] == [
        "float32",
        "float32",
        "int64",
        "uint8",
        "bool",
    ]


def test_tensors_of_both_backends():
    import jax.numpy as jnp
    import tensorflow as tf

    found, _ = taken([jnp.ones((6, 2), "bfloat16"), tf.ones((6, 2), "float64")])
    assert [(type(value), value.dtype) for value in found] == [(np.ndarray, np.float32)] * 2


def test_text():
    texts = np.array(list("abcdef"))
    for x in (texts, texts.astype(object), np.char.encode(texts).astype(object)):
        assert taken(x)[0] is x


def test_frames_are_read_by_place():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"p": ROWS, "q": ROWS * 0.5}, index=ROWS[::-1])
    found, labels = taken(frame, {"a": frame["p"]})
    np.testing.assert_array_equal(found, np.stack([ROWS, ROWS * 0.5], axis=1).astype("float32"))
    np.testing.assert_array_equal(labels["a"], ROWS[:, None])


def test_weights_of_all_outputs():
    y, weights = {"a": ROWS, "b": ROWS}, ROWS * 1.0
    for given in (weights, weights[:, None]):
        found = taken(ROWS, y, given)[2]
        assert list(found) == ["a", "b"]
        assert found["a"].shape == given.shape
    assert list(taken(ROWS, y, {"a": weights, "b": weights})[2]) == ["a", "b"]
    assert taken(ROWS, ROWS, weights)[2].dtype == np.float32


def sparse():
    import scipy.sparse

    return scipy.sparse.eye_array(6).tocsr()


def sparse_of_jax():
    from jax.experimental import sparse

    return sparse.BCOO.fromdense(np.eye(6))


def ragged():
    import tensorflow as tf

    return tf.ragged.constant([[1.0]] * 5 + [[]])


@pytest.mark.parametrize(
    "x",
    [
        sparse,
        sparse_of_jax,
        ragged,
        lambda: ROWS.tolist(),
        lambda: ROWS[:5],
        lambda: np.array([[], {}, None, 1, 2, 3], object),
        lambda: np.float32(1),
    ],
)
def test_what_is_left_to_keras(x):
    assert taken(x()) is None


@pytest.mark.parametrize("weights", [{"a": ROWS}, np.ones((6, 2)), [ROWS, ROWS]])
def test_weights_that_keras_refuses(weights):
    assert taken(ROWS, {"a": ROWS, "b": ROWS}, weights) is None


def test_the_last_samples_are_for_validation():
    arrays = taken(ROWS, {"a": ROWS * 2}, {"a": None})
    training, validation = dense.split(arrays, 0.3)
    assert training[0].tolist() == [0, 1, 2, 3]
    assert validation[1]["a"].tolist() == [8, 10]
    assert validation[2] == {"a": None}
    assert dense.split(arrays, 0.01) is not None
    assert dense.split(arrays, 1.0) is None


@pytest.mark.parametrize(("size", "steps"), CASES)
def test_batches_hold_samples_together(size, steps):
    assert_holds_samples_together(dense.ArrayBatches, size, steps)


def test_shapes_and_the_number_of_batches_are_known():
    x = np.zeros((6, 2, 3), "float32")
    for size in (3, 4):
        data = dense.ArrayBatches((x, {"a": ROWS}), Passes(DataOrder(0), 6, size))
        assert [data[step][0].shape for step in range(2)] == [(size, 2, 3), (6 - size, 2, 3)]
        assert data.num_batches == 2
