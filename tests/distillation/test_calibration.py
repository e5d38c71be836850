import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

import keras_mtkd as mtkd

GENERATOR = np.random.default_rng(0)


def answers(slope, offset, count=4000):
    """Labels whose log-odds are a line of the logits."""
    logits = GENERATOR.normal(size=(count, 1))
    truth = expit(slope * logits + offset)
    return logits, (GENERATOR.uniform(size=truth.shape) < truth).astype(int)


def test_yes_and_no_against_a_general_solver():
    logits, labels = answers(2.0, -1.0)
    ones = labels.sum()
    high, low = (ones + 1) / (ones + 2), 1 / (len(labels) - ones + 2)
    truth = np.where(labels == 1, high, low)

    def surprise(line):
        z = line[0] * logits + line[1]
        return (np.logaddexp(0, z) - truth * z).sum()

    expected = minimize(surprise, [1.0, 0.0], tol=1e-10).x
    found = mtkd.PlattCalibrator.fit(logits, labels)
    assert found.slope == pytest.approx([expected[0]], abs=1e-3)
    assert found.offset == pytest.approx([expected[1]], abs=1e-3)
    assert found.slope == pytest.approx([2.0], abs=0.2)


def test_an_answer_each_and_missing_labels_left_out():
    one, other = answers(3.0, 0.5), answers(0.3, -0.5)
    logits = np.hstack([one[0], other[0]])
    labels = np.hstack([one[1], other[1]]).astype("float64")
    found = mtkd.PlattCalibrator.fit(logits, labels)
    assert found.slope == pytest.approx([3.0, 0.3], abs=0.3)
    gaps = np.vstack([labels, [[np.nan, -1]] * 500])
    more = np.vstack([logits, np.full((500, 2), 9.0)])
    again = mtkd.PlattCalibrator.fit(more, gaps)
    assert again.slope == pytest.approx(found.slope, rel=1e-4)
    assert again.offset == pytest.approx(found.offset, rel=1e-4)


def test_a_perfect_teacher_gets_a_finite_slope():
    logits = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    found = mtkd.PlattCalibrator.fit(logits, logits > 0)
    assert 0 < found.slope[0] < 10


def test_classes_get_the_temperature_under_which_labels_are_likeliest():
    logits = GENERATOR.normal(size=(3000, 4))
    noise = GENERATOR.gumbel(size=logits.shape)
    labels = np.argmax(0.4 * logits + noise, axis=1)
    found = mtkd.PlattCalibrator.fit(logits * 5, labels)
    grid = np.linspace(0.01, 0.3, 2901)
    surprises = [
        -log_softmax(5 * slope * logits, axis=1)[np.arange(3000), labels].mean() for slope in grid
    ]
    assert float(found.slope) == pytest.approx(grid[np.argmin(surprises)], abs=2e-4)
    assert float(found.offset) == 0.0
    missing = np.append(labels, -1)
    again = mtkd.PlattCalibrator.fit(np.vstack([logits * 5, [[9, 0, 0, 0]]]), missing)
    assert float(again.slope) == float(found.slope)


def test_of_pixels():
    logits = GENERATOR.normal(size=(50, 3, 4, 2))
    labels = GENERATOR.integers(2, size=(50, 3, 4))
    found = mtkd.PlattCalibrator.fit(logits, labels)
    flat = mtkd.PlattCalibrator.fit(logits.reshape(-1, 2), labels.ravel())
    assert float(found.slope) == pytest.approx(float(flat.slope), rel=1e-5)
    assert np.array(found(logits)).shape == logits.shape


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (np.zeros((4, 1)), [1, 1, 1, 1], "0 no, 4 yes"),
        (np.zeros((4, 2)), [[1], [1], [1], [1]], "shaped like the logits"),
        (np.zeros((2, 3)), [-1, -1], "labelled samples"),
    ],
)
def test_what_cannot_be_fitted(logits, labels, message):
    with pytest.raises(ValueError, match=message):
        mtkd.PlattCalibrator.fit(logits, np.array(labels))


def test_probabilities_are_calibrated_as_their_logits():
    logits = GENERATOR.normal(size=(300, 3))
    labels = (logits + GENERATOR.gumbel(size=logits.shape)).argmax(axis=-1)
    by_logits = mtkd.PlattCalibrator.fit(logits, labels)
    for settings in ({}, {"from_logits": False}):
        found = mtkd.PlattCalibrator.fit(softmax(logits, axis=-1), labels, **settings)
        assert found.slope == pytest.approx(by_logits.slope, rel=1e-4)
    logits, labels = answers(2.0, 0.5, 300)
    by_logits = mtkd.PlattCalibrator.fit(logits, labels)
    found = mtkd.PlattCalibrator.fit(expit(logits), labels, from_logits=False)
    assert found.slope == pytest.approx(by_logits.slope, rel=1e-3)
    with pytest.raises(ValueError, match=r"All predictions lie in \[0, 1\].*from_logits"):
        mtkd.PlattCalibrator.fit(expit(logits), labels)
