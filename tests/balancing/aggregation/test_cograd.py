import numpy as np
from balancing.linear_problem import TASKS, data, gradients, gram, step
from balancing.parameter_steps import FAST, own, same, weights_after
from helpers import numeric_gradient

from keras_mtkd.balancing import CoGrad


class TestCoGrad:
    def test_with_the_hessians_of_a_quadratic(self):
        """`Hᵢ v = xᵀ (2/n) x v hᵢ hᵢᵀ`, summed over pairs as the formula has it."""
        _, before, after, _ = step(CoGrad(0.02, hessian="hvp"), rate=FAST)
        x, y = data()
        found = gradients(before, x, y)

        def hessian(task, direction):
            head, x64 = before[f"head_{task}"], x.astype("float64")
            return 2 / y[task].size * x64.T @ (x64 @ direction @ head @ head.T)

        update = sum(one["shared"] for one in found.values())
        for i in TASKS:
            for j in TASKS:
                if i != j:
                    pair = hessian(i, found[j]["shared"]) + hessian(j, found[i]["shared"])
                    update = update - 0.02 * pair
        same(after, weights_after(before, update, own(found)), rtol=1e-3, atol=1e-4)
        # That is the sum of the gradients, and a climb on their inner products.
        plain = sum(one["shared"] for one in found.values())

        def products(shared):
            matrix = gram(gradients({**before, "shared": shared}, x, y), "shared")
            return matrix.sum() - np.trace(matrix)

        slope = numeric_gradient(products, before["shared"])
        np.testing.assert_allclose(update, plain - 0.02 * slope, rtol=1e-5, atol=1e-4)

    def test_with_the_diagonal_of_the_fisher_matrix(self):
        _, before, after, _ = step(CoGrad(0.01), rate=FAST)
        found = gradients(before, *data())
        update = sum(one["shared"] for one in found.values())
        for i in TASKS:
            for j in TASKS:
                if i != j:
                    one, other = found[i]["shared"], found[j]["shared"]
                    update = update - 0.01 * (one**2 * other + other**2 * one)
        assert np.abs(update - sum(one["shared"] for one in found.values())).max() > 0.1
        same(after, weights_after(before, update, own(found)))
