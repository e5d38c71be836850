"""When seeds support a difference."""

import numpy as np
import pytest

from keras_mtkd.experiments.evidence import Difference, mean_and_se, student


def test_mean_and_standard_error():
    mean, se = mean_and_se([1.0, 2.0, 6.0])
    assert mean == 3.0
    assert se == pytest.approx(np.sqrt(7.0 / 3))
    assert mean_and_se([4.0])[0] == 4.0
    assert np.isnan(mean_and_se([4.0])[1])
    assert np.isnan(mean_and_se([])).all()


def test_the_bounds_are_those_of_students_t():
    stats = pytest.importorskip("scipy.stats")
    for seeds in (2, 3, 5, 11, 12, 20, 100, 10_000):
        assert student(seeds) == pytest.approx(stats.t.ppf(0.975, seeds - 1), abs=1e-3)
    assert student(1) == np.inf


@pytest.mark.parametrize(
    ("differences", "clear"),
    [
        # Standard error 0.5: 4.3 of them are 2.15.
        ([2.2 - np.sqrt(0.75), 2.2, 2.2 + np.sqrt(0.75)], True),
        ([2.1 - np.sqrt(0.75), 2.1, 2.1 + np.sqrt(0.75)], False),
        ([-2.2 - np.sqrt(0.75), -2.2, -2.2 + np.sqrt(0.75)], True),
        ([5.0], False),
        ([1.0, 2.0], False),
        ([1.0, 1.0], False),
        ([1.0, 1.0, 1.0], True),
        ([0.0, 0.0], False),
        ([np.inf, 1.0], False),
        ([], False),
    ],
)
def test_a_difference_is_clear_where_the_interval_leaves_0_out(differences, clear):
    with np.errstate(invalid="ignore"):
        assert Difference.of(differences).clear is clear


def test_a_difference_says_whether_it_is_clear():
    clear, level = Difference(-2.04, 0.29, 3), Difference(0.01, 0.5, 5)
    assert str(clear) == "−2.0 ±0.3 percentage points on 3 seeds, a clear difference"
    assert str(level) == "0.0 ±0.5 percentage points on 5 seeds, no clear difference"
    one = str(Difference.of([5.0]))
    assert one == "+5.0 percentage points on one seed, no clear difference"
    assert repr(clear) == "Difference(mean=-2.04, se=0.29, seeds=3, wins=None, clear=True)"
    ahead = str(Difference.of([-1.0, 2.0, 0.0, 3.0]))
    assert ahead == "+1.0 ±0.9 percentage points, ahead in 2 of 4 seeds, no clear difference"
    assert str(Difference.of([])).endswith("on 0 seeds, no clear difference")
