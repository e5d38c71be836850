import numpy as np
import pytest
from helpers import numeric_gradient

from keras_mtkd.losses import NormalizedL2
from losses.programs import program, with_gradient

# Arrays as (batch, height, width, channels), and what the KD4MTL authors' PyTorch expression
# gives for them (repository VICO-UoE/KD4MTL at 1d7528e, PyTorch 2.13.0, channels first).
STUDENT = np.array(
    [
        [[[0.0, 0.0, 0.0], [0.3, -0.99, -0.62]], [[-0.27, 0.06, 0.49], [-0.89, 1.34, 0.36]]],
        [
            [[0.11, -1.34, -1.84], [-0.93, -0.46, -0.24]],
            [[-0.03, -1.9, -1.27], [0.7, -1.29, 0.27]],
        ],
    ],
    "float32",
)
TEACHER = np.array(
    [
        [
            [[0.47, -0.15, -2.94], [-0.56, 0.34, -2.43]],
            [[-7.55, -4.59, 3.18], [-1.62, -1.43, -2.42]],
        ],
        [
            [[-0.1, 0.33, 4.08], [2.65, 0.19, -4.64]],
            [[-1.75, -3.68, 2.58], [-0.34, 0.23, 0.36]],
        ],
    ],
    "float32",
)
AUTHORS_VALUE = 2.023439407348633
AUTHORS_GRADIENT = np.array(
    [
        [
            [[-39.414883, 12.579218, 246.55266], [0.063146383, -0.084177293, 0.16496667]],
            [[0.22320718, 0.24695322, 0.092753187], [0.096330911, 0.035827935, 0.10479216]],
        ],
        [
            [[-0.001838238, 0.046189658, -0.033748046], [-0.06456551, 0.017271779, 0.21708611]],
            [[0.03919803, 0.052378763, -0.079287857], [0.062128, 0.0071870387, -0.12673379]],
        ],
    ]
)


def oracle(teacher, student):
    """The formula, in NumPy and float64, one value a position."""

    def unit(v):
        v = v.astype("float64")
        return v / np.sqrt((v**2).sum(-1, keepdims=True) + 1e-6)

    return ((unit(student) - unit(teacher)) ** 2).sum(-1)


def test_value_of_the_authors_code():
    assert float(NormalizedL2()(TEACHER, STUDENT)) == pytest.approx(AUTHORS_VALUE, rel=1e-6)


def test_gradient_of_the_authors_code():
    _, result = with_gradient(NormalizedL2())(TEACHER, STUDENT)
    np.testing.assert_allclose(result, AUTHORS_GRADIENT, rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize("shape", [(4, 7), (3, 5, 6), (2, 3, 4, 5)], ids=str)
def test_values_of_the_formula(shape):
    generator = np.random.default_rng(1)
    teacher, student = generator.normal(size=(2, *shape)).astype("float32")
    both = program(lambda *pair: (NormalizedL2(reduction=None)(*pair), NormalizedL2()(*pair)))
    values, mean = both(teacher, student)
    np.testing.assert_allclose(values, oracle(teacher, student), rtol=1e-5)
    assert mean == pytest.approx(oracle(teacher, student).mean(), rel=1e-5)


def test_gradient_of_the_formula():
    generator = np.random.default_rng(2)
    teacher, student = generator.normal(size=(2, 3, 4))
    expected = numeric_gradient(lambda v: oracle(teacher, v).mean(), student)
    _, result = with_gradient(NormalizedL2())(teacher, student)
    np.testing.assert_allclose(result, expected, rtol=1e-3, atol=1e-5)


def test_no_gradient_reaches_infinity_at_zero():
    _, result = with_gradient(NormalizedL2())(np.ones((2, 3, 4)), np.zeros((2, 3, 4)))
    assert np.isfinite(result).all()


def test_scale_and_rotation_of_both_sides_do_not_matter():
    generator = np.random.default_rng(3)
    teacher, student = generator.normal(size=(2, 8, 4)).astype("float32")
    rotation, _ = np.linalg.qr(generator.normal(size=(4, 4)))
    loss = program(NormalizedL2())
    turned = loss(3.0 * teacher @ rotation, 7.0 * student @ rotation)
    assert turned == pytest.approx(loss(teacher, student), rel=1e-5)


def test_other_channel_axis():
    first = np.moveaxis(TEACHER, -1, 1), np.moveaxis(STUDENT, -1, 1)
    assert float(NormalizedL2(axis=1)(*first)) == pytest.approx(AUTHORS_VALUE, rel=1e-6)


def test_weights_multiply_the_values():
    generator = np.random.default_rng(4)
    teacher, student = generator.normal(size=(2, 4, 3)).astype("float32")
    weights = np.array([0.0, 1.0, 2.0, 0.5], "float32")
    weighted = float(NormalizedL2()(teacher, student, sample_weight=weights))
    expected = (oracle(teacher, student) * weights).mean()
    assert weighted == pytest.approx(expected, rel=1e-5)
