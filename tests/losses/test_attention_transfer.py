import numpy as np
import pytest
from helpers import numeric_gradient

from keras_mtkd import losses
from losses.programs import program, with_gradient

GENERATOR = np.random.default_rng(0)


class TestAttentionTransfer:
    teacher = GENERATOR.normal(size=(2, 3, 4, 6))
    student = GENERATOR.normal(size=(2, 3, 4, 2))

    def oracle(self, teacher, student):
        values = []
        for one, other in zip(teacher, student, strict=True):
            maps = [np.mean(each**2, axis=-1).ravel() for each in (one, other)]
            units = [each / np.sqrt(np.sum(each**2) + 1e-6) for each in maps]
            values.append(np.sum((units[0] - units[1]) ** 2))
        return np.array(values)

    def test_value_and_gradient(self):
        expected = self.oracle(self.teacher, self.student)
        each = program(losses.AttentionTransfer(reduction=None))(self.teacher, self.student)
        np.testing.assert_allclose(each, expected, rtol=1e-5)
        _, found = with_gradient(losses.AttentionTransfer())(self.teacher, self.student)
        slopes = numeric_gradient(lambda v: self.oracle(self.teacher, v).mean(), self.student)
        np.testing.assert_allclose(found, slopes, rtol=1e-2, atol=1e-5)

    def test_refusals(self):
        with pytest.raises(ValueError, match="equal height and width"):
            losses.AttentionTransfer()(self.teacher, self.student[:, :2])
        with pytest.raises(ValueError, match="`power` must be positive"):
            losses.AttentionTransfer(power=0.0)
