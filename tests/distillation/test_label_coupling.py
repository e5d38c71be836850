"""The table that ties the labels of two tasks."""

import numpy as np
import pytest

import keras_mtkd as mtkd

GENERATOR = np.random.default_rng(0)
TABLE = np.array([[0.9, 0.1], [0.5, 0.5], [0.0, 1.0]])


class TestTable:
    def test_counted_where_both_are_known(self):
        a, b = [0, 0, 0, 1, 1, -1, 2], [0, 0, 1, 1, 1, 0, -1]
        coupling = mtkd.LabelCoupling.from_labels(a, b, (3, 2), smoothing=1.0)
        assert coupling.table == pytest.approx(
            np.array([[3 / 5, 2 / 5], [1 / 4, 3 / 4], [0.5, 0.5]])
        )
        assert coupling.prior == pytest.approx(np.array([5, 4, 2]) / 11)

    def test_reversed_is_bayes_rule(self):
        prior = np.array([0.2, 0.3, 0.5])
        back = mtkd.LabelCoupling(TABLE, prior).reversed()
        joint = prior[:, None] * TABLE
        assert back.table == pytest.approx((joint / joint.sum(axis=0)).T)
        assert back.prior == pytest.approx(joint.sum(axis=0))
        assert back.reversed().table == pytest.approx(TABLE)

    def test_counts_forth_and_back_agree(self):
        a, b = GENERATOR.integers(3, size=400), GENERATOR.integers(2, size=400)
        forth = mtkd.LabelCoupling.from_labels(a, b, (3, 2), smoothing=0.0)
        back = mtkd.LabelCoupling.from_labels(b, a, (2, 3), smoothing=0.0)
        assert forth.reversed().table == pytest.approx(back.table)

    def test_soft_labels_of_pixels_with_gaps(self):
        labels = np.array([[0, -1], [2, 1]])
        soft = mtkd.LabelCoupling(TABLE).soft_labels(labels)
        assert soft.shape == (2, 2, 2)
        assert soft[0, 1].tolist() == [0.0, 0.0]
        assert soft[1] == pytest.approx(TABLE[[2, 1]])

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: mtkd.LabelCoupling([[0.5, 0.6]]), "rows are distributions"),
            (lambda: mtkd.LabelCoupling(TABLE, [1.0]), "distribution over 3"),
            (lambda: mtkd.LabelCoupling.from_labels([0], [0, 1], (2, 2)), "1 labels of A"),
            (lambda: mtkd.LabelCoupling.from_labels([2], [0], (2, 2)), "not below"),
            (lambda: mtkd.LabelCoupling.from_labels([0], [0], (2, 2), 0.0), "never occurs"),
            (lambda: mtkd.LabelCoupling([[1.0, 0.0]]).reversed(), "Class 1 of B is impossible"),
        ],
    )
    def test_no_distributions(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()
