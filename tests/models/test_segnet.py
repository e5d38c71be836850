import numpy as np
import pytest
from forward import weights_of_numpy
from keras import layers

from keras_mtkd import models
from models.small_networks import DENSE, SHAPE

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

# Numbers of weights of the released networks, less their unused log-variances.
TRAINABLE = {"standard": 25055185, "wide": 43934161, "deep": 50807761}


def trainable(model):
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


class TestSegNet:
    def test_taps_are_the_published_ones(self):
        with weights_of_numpy(0):
            model = models.segnet((64, 96, 3), {"semantic": 13, "depth": 1, "normal": 3})
        assert model.get_layer("encoder").output.shape == (None, 2, 3, 512)
        assert model.get_layer("decoder").output.shape == (None, 64, 96, 64)
        assert trainable(model) == TRAINABLE["standard"]

    def test_variants(self):
        found = {}
        for variant in ("wide", "deep"):
            with weights_of_numpy(0):
                model = models.segnet(SHAPE, {"semantic": 13, "depth": 1, "normal": 3}, variant)
            found[variant] = trainable(model)
        assert found == {variant: TRAINABLE[variant] for variant in found}

    @pytest.mark.parametrize("make", [models.segnet, models.mtan])
    def test_refusals(self, make):
        with pytest.raises(ValueError, match=r"multiples of 32. Received: \(48, 64, 3\)"):
            make((48, 64, 3), DENSE)
        with pytest.raises(ValueError, match="at least one task"):
            make(SHAPE, {})
        with pytest.raises(ValueError, match="'depth' needs at least 1 channel"):
            make(SHAPE, {"depth": 0})
        with pytest.raises(ValueError, match="Received: variant='huge'"):
            make(SHAPE, DENSE, "huge")
        with pytest.raises(ValueError, match="positive numbers, one a stage"):
            make(SHAPE, DENSE, widths=(4, 0))
        with pytest.raises(ValueError, match=r"multiples of 4. Received: \(30, 32, 3\)"):
            make((30, 32, 3), DENSE, widths=(4, 4))

    @pytest.mark.parametrize(("make", "task"), [(models.segnet, ""), (models.mtan, "_depth")])
    def test_as_many_stages_as_widths(self, make, task):
        model = make((8, 12, 3), {"depth": 1}, widths=(4, 6))
        assert model.get_layer(f"encoder{task}").output.shape == (None, 2, 3, 6)
        assert model.get_layer(f"decoder{task}").output.shape == (None, 8, 12, 4)

    def test_heads_may_be_layers(self):
        model = models.segnet(SHAPE, {"edges": layers.Conv2D(2, 1)}, widths=(4,))
        assert model.output["edges"].shape == (None, 32, 32, 2)
