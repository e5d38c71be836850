import numpy as np
from balancing.loss_sets import start
from balancing.published import LIBMTL
from keras import ops

from keras_mtkd import balancing
from keras_mtkd._backend.autodiff import compiled_gradient


def test_uncertainty_is_the_published_one():
    case, method = LIBMTL["uncertainty"], balancing.UncertaintyWeights()
    state, values = start(method), np.array(case["losses"], "float32")
    np.testing.assert_allclose(method.weights(values), case["weights"], rtol=1e-5)

    def objective(learned):
        weights, new = method.step(values, {**state, "log_variances": learned})
        return ops.sum(weights * values) + method.penalty(new)

    slopes = compiled_gradient(objective)(ops.convert_to_tensor(state["log_variances"]))
    np.testing.assert_allclose(ops.convert_to_numpy(slopes), case["slopes"], rtol=1e-5)
