import numpy as np
import pytest

from keras_mtkd.scheduling.scales import loss_scales


class TestLossScales:
    def test_powers(self):
        losses = {"a": 0.25, "b": 4.0}
        assert loss_scales(losses, 0.0) == {"a": 1.0, "b": 1.0}
        scales = loss_scales(losses, 1.0)
        assert scales["a"] * 0.25 == pytest.approx(scales["b"] * 4.0)
        assert sum(scales.values()) == pytest.approx(2.0)
        assert all(np.isfinite(list(loss_scales({"a": 0.0, "b": 1.0}, 1.0).values())))

    def test_refusals(self):
        with pytest.raises(ValueError, match="Received for 'a': -1"):
            loss_scales({"a": -1.0}, 0.5)
        with pytest.raises(ValueError, match="Received: power=2"):
            loss_scales({"a": 1.0}, 2)
