import numpy as np
import pytest
from forward import weights_of_numpy

from keras_mtkd.layers import CrossStitch, ExpertMixture


@pytest.fixture(autouse=True, scope="module")
def _numpy_draws_weights():
    with weights_of_numpy():
        yield


class TestMixing:
    def test_cross_stitch_against_numpy(self):
        generator = np.random.default_rng(0)
        inputs = [generator.normal(size=(2, 5, 4)).astype("float32") for _ in range(3)]
        layer = CrossStitch(keep=0.8)
        started = layer(inputs)
        for number, out in enumerate(started):
            others = sum(inputs[other] for other in range(3) if other != number)
            np.testing.assert_allclose(
                out, 0.8 * inputs[number] + 0.1 * others, rtol=1e-5, atol=1e-6
            )
        layer.mixture.assign(generator.normal(size=(3, 3, 4)))
        expected = np.einsum("tsc,sbpc->tbpc", np.array(layer.mixture), np.stack(inputs))
        np.testing.assert_allclose(np.stack(layer(inputs)), expected, rtol=1e-4, atol=1e-5)
        with pytest.raises(ValueError, match="must have one shape"):
            CrossStitch()([inputs[0], inputs[1][:, :, :2]])
        with pytest.raises(ValueError, match="Received: keep=2"):
            CrossStitch(keep=2)

    @pytest.mark.parametrize("shape", [(3, 4), (3, 5, 6, 4)], ids=["vectors", "maps"])
    def test_experts_against_numpy(self, shape):
        generator = np.random.default_rng(0)
        gate = generator.normal(size=shape).astype("float32")
        experts = [generator.normal(size=(*shape[:-1], 2)).astype("float32") for _ in range(3)]
        layer = ExpertMixture()
        found = layer(gate, experts)
        seen = gate.reshape(3, -1, 4).mean(axis=1)
        scores = seen @ np.array(layer.dense.kernel) + np.array(layer.dense.bias)
        shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        shares = shares.reshape(3, *(1,) * (len(shape) - 1), 3)
        expected = sum(shares[..., e : e + 1][..., 0] * experts[e] for e in range(3))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
