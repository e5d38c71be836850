"""What a method may promise, as assertions to use on any of them."""

import numpy as np

from balancing.gradient_sets import difference, gradients, update


def assert_finite(method, found, *losses):
    assert np.all(np.isfinite(update(method, found, *losses)))


def assert_permutation_equivariant(method, *losses, tasks=3):
    """Another order of the tasks gives the same update."""
    for seed in range(3):
        found, order = gradients(seed, tasks), np.random.default_rng(seed).permutation(tasks)
        moved = update(method, found[order], *losses)
        assert difference(moved, update(method, found, *losses)) < 2e-3


def assert_harms_no_task(method, *losses, tasks=(2, 3)):
    """No task's gain is negative, beyond rounding."""
    for size in tasks:
        for seed in range(4):
            found = gradients(seed, size, scales=seed == 3)
            step = update(method, found, *losses)
            lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(step)
            assert np.min(found @ step / lengths) > -2e-3


def assert_scales_with_power(method, power, *losses, tasks=3):
    """Gradients `k` times as long give an update `k ** power` times as long."""
    found = gradients(1, tasks)
    once, longer = update(method, found, *losses), update(method, 50 * found, *losses)
    told = (
        f"{method} does not grow as the power {power}. If that is meant, enter its own in `POWERS`."
    )
    assert difference(longer / 50**power, once) < 2e-3, told


def assert_ignores_lengths(method, *losses, tasks=3):
    """The direction does not depend on the length of any task's gradient."""
    found = gradients(2, tasks)
    other = found * np.array([1e-2, 1.0, 1e2])[:tasks, None]
    one, two = (update(method, each, *losses) for each in (found, other))
    assert difference(one / np.linalg.norm(one), two / np.linalg.norm(two)) < 2e-3
