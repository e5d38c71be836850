import keras
import numpy as np
import pytest
from forward import one_program
from helpers import gradient

from keras_mtkd.layers import Rotation
from keras_mtkd.layers.rotation import lead


def turned(size, seed=0, channels=5):
    layer = Rotation(size)
    layer.build((None, channels))
    count = size or channels
    layer.skew.assign(np.random.default_rng(seed).normal(size=(count, count)))
    return layer


def inputs(*shape):
    return np.random.default_rng(1).normal(size=shape).astype("float32")


def test_nothing_is_turned_at_the_start():
    x = inputs(3, 4)
    np.testing.assert_allclose(Rotation()(x), x, rtol=1e-6)


@pytest.mark.parametrize("size", [None, 3])
def test_lengths_and_orientation_stay(size):
    layer = turned(size)
    matrix = np.array(one_program(layer.matrix)(layer.skew.value), "float64")
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(len(matrix)), atol=1e-5)
    assert np.linalg.det(matrix) == pytest.approx(1.0, abs=1e-4)
    x = inputs(2, 3, 3, 5)
    out = np.array(one_program(layer)(x))
    np.testing.assert_allclose(np.linalg.norm(out, axis=-1), np.linalg.norm(x, axis=-1), rtol=1e-4)
    count = len(matrix)
    np.testing.assert_allclose(out[..., :count], x[..., :count] @ matrix.T, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(out[..., count:], x[..., count:])


def test_small_weights_turn_by_the_exponential_of_the_skew_matrix():
    """exp(A) for a plane: a rotation by the angle of A, up to its third power."""
    layer = turned(2, channels=2)
    layer.skew.assign([[0.0, -0.05], [0.05, 0.0]])
    cosine, sine = np.cos(0.1), np.sin(0.1)
    found = np.array(one_program(layer.matrix)(layer.skew.value))
    np.testing.assert_allclose(found, [[cosine, -sine], [sine, cosine]], atol=1e-4)


def test_the_slope_is_the_derivative():
    layer, of_matrix = turned(4), inputs(4, 4)
    slope = np.array(one_program(layer.slope)(layer.skew.value, of_matrix))
    weights = np.array(layer.skew)
    of_skew = one_program(lambda skew: keras.ops.sum(layer.matrix(skew) * of_matrix))
    expected = gradient(of_skew, weights)
    np.testing.assert_allclose(slope, expected, rtol=1e-3, atol=1e-4)


def test_it_learns_from_a_loss_unless_it_is_led():
    layer, x = turned(None), inputs(3, 5)
    goal = inputs(3, 5)

    def loss(skew):
        with keras.StatelessScope([(layer.skew, skew)]):
            return keras.ops.sum(layer(x) * goal)

    weights = np.array(layer.skew)
    assert np.abs(gradient(one_program(loss), weights)).max() > 0.01
    with lead([layer]):
        found = gradient(one_program(lambda skew: loss(skew) + 0.0 * keras.ops.sum(skew)), weights)
    np.testing.assert_array_equal(found, np.zeros_like(weights))


def test_half_precision_and_saving(tmp_path):
    start = keras.Input((6,))
    model = keras.Model(start, Rotation(4, dtype="mixed_float16", name="turn")(start))
    model.get_layer("turn").skew.assign(np.random.default_rng(2).normal(size=(4, 4)))
    model.save(tmp_path / "m.keras")
    loaded, x = keras.saving.load_model(tmp_path / "m.keras"), inputs(2, 6)
    assert model(x).dtype == "float16" or "float16" in str(model(x).dtype)
    np.testing.assert_array_equal(model(x), loaded(x))
    assert loaded.get_layer("turn").size == 4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rotation(0), "`size` must"),
        (lambda: Rotation(4)(np.zeros((2, 3))), "at least `size`"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError, match=message):
        make()
