"""The stated problems, solved on gradients `(tasks, parameters)` by general solvers."""

import numpy as np
from scipy import optimize

EQUAL = 1e-12


def lengths(gradients):
    return np.linalg.norm(gradients, axis=1)


def units(gradients):
    return gradients / lengths(gradients)[:, None]


def worst_gain(gradients, constraints, start, shortest):
    """`max_d min_i ⟨gᵢ, d⟩` by SLSQP over `(d, t)` and the constraints given."""
    directions, scale = units(gradients), shortest / lengths(gradients)
    best = None
    rng = np.random.default_rng(0)
    for trial in range(4):
        first = start + 0.3 * trial * np.linalg.norm(start) * rng.normal(size=start.shape) / 3
        found = optimize.minimize(
            lambda v: -v[-1],
            np.append(first, np.min(directions @ first / scale)),
            jac=lambda v: np.append(np.zeros(len(v) - 1), -1.0),
            constraints=[
                {
                    "type": "ineq",
                    "fun": lambda v: directions @ v[:-1] - v[-1] * scale,
                    "jac": lambda v: np.hstack([directions, -scale[:, None]]),
                },
                *[{"type": "ineq", "fun": lambda v, f=f: f(v[:-1])} for f in constraints],
            ],
            method="SLSQP",
            options={"ftol": 1e-13, "maxiter": 500},
        )
        feasible = all(f(found.x[:-1]) > -1e-7 for f in constraints)
        if feasible and (best is None or found.x[-1] > best[-1]):
            best = found.x
    return best[:-1]


def min_norm(gradients):
    """The shortest vector of the convex hull: the projection of 0, by its own conditions.

    `d` with `⟨gᵢ, d⟩ >= ‖d‖²`: the longest step whose gain every task shares, over its length.
    """
    shortest = lengths(gradients).min()
    start = units(gradients).mean(axis=0)
    unit = worst_gain(gradients, [lambda d: 1.0 - d @ d], start / np.linalg.norm(start), shortest)
    return unit * max(np.min(gradients @ unit), 0.0)


def on_simplex(function, tasks):
    """The least of a function of weights, from several starts."""
    rng = np.random.default_rng(0)
    starts = [np.full(tasks, 1 / tasks), *rng.dirichlet(np.ones(tasks), 6)]
    found = [
        optimize.minimize(
            function,
            start,
            bounds=[(0, 1)] * tasks,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 500},
        )
        for start in starts
    ]
    return min(found, key=lambda each: each.fun).x


def cagrad(gradients, c):
    mean = gradients.mean(axis=0)
    size = np.linalg.norm(mean)
    ball = [lambda d: c * c - (d - mean / size) @ (d - mean / size)]
    shortest = lengths(gradients).min()
    return size * worst_gain(gradients, ball, mean / size, shortest)


def conicgrad(gradients, c):
    mean = gradients.mean(axis=0)
    size = np.linalg.norm(mean)
    axis = mean / size
    cap = [lambda d: 1.0 - d @ d, lambda d: axis @ d - c * np.sqrt(d @ d + EQUAL)]
    found = worst_gain(gradients, cap, axis, lengths(gradients).min())
    return size * found / np.linalg.norm(found)


def imgrad(gradients, c):
    mean, shortest = gradients.mean(axis=0), min_norm(gradients)
    size = np.linalg.norm(mean)
    balance = mean @ shortest / (size * max(np.linalg.norm(shortest), EQUAL))

    def value(weights):
        mixed = weights @ gradients
        return (1.5 - balance) * (mixed @ mean) + balance * c * size * np.linalg.norm(mixed)

    mixed = on_simplex(lambda w: value(w) / size**2, len(gradients)) @ gradients
    return mean + c * size * mixed / np.linalg.norm(mixed)


def fair_direction(gradients, alpha):
    """The direction of the best α-fair utility of the gains, on the unit ball."""
    directions = units(gradients)
    factor = lengths(gradients) / lengths(gradients).mean()

    def utility(gains):
        return np.log(gains) if alpha == 1 else gains ** (1 - alpha) / (1 - alpha)

    def value(d):
        gains = factor * (directions @ d) / np.linalg.norm(d)
        return -utility(gains).sum() if gains.min() > 0 else 1e9

    inside = np.linalg.lstsq(directions, np.ones(len(directions)), rcond=None)[0]
    start = inside / np.linalg.norm(inside)
    for _ in range(3):
        found = optimize.minimize(value, start, method="BFGS", options={"gtol": 1e-9}).x
        start = found / np.linalg.norm(found)
    return start


def projected(gradients, vector):
    """The vector nearest to the given one that harms no task."""
    directions, size = units(gradients), np.linalg.norm(vector)
    inside = np.linalg.lstsq(directions, np.ones(len(directions)), rcond=None)[0]
    return (
        size
        * optimize.minimize(
            lambda d: 0.5 * np.sum((d - vector / size) ** 2),
            inside,
            jac=lambda d: d - vector / size,
            constraints={
                "type": "ineq",
                "fun": lambda d: directions @ d,
                "jac": lambda d: directions,
            },
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 500},
        ).x
    )


def upgrad(gradients):
    return np.mean([projected(gradients, each) for each in gradients], axis=0)


def impartial(gradients):
    """Weights from the linear equations: equal projections, and a sum of 1."""
    tasks, directions = len(gradients), units(gradients)
    equations = np.vstack([(directions[1:] - directions[0]) @ gradients.T, np.ones(tasks)])
    return np.linalg.solve(equations, np.append(np.zeros(tasks - 1), 1.0)) @ gradients


def equiangular(gradients):
    """The direction of the largest worst cosine, as a mixture of weights that sum to 1."""
    directions = units(gradients)
    start = directions.mean(axis=0)
    best = worst_gain(directions, [lambda d: 1.0 - d @ d], start / np.linalg.norm(start), 1.0)
    weights = np.linalg.lstsq(gradients.T, best, rcond=None)[0]
    return weights / weights.sum() @ gradients


def surgery(gradients, order=None):
    result = []
    for task, gradient in enumerate(gradients):
        changed = gradient.copy()
        for other in range(len(gradients)) if order is None else order[task]:
            against = gradients[other]
            if other != task and changed @ against < 0:
                changed -= changed @ against / (against @ against) * against
        result.append(changed)
    return np.sum(result, axis=0)


def vaccine(gradients, usual, beta):
    """The update, and in `usual` the new averages. Turned by an angle, not by the formula."""
    result = []
    for task, gradient in enumerate(gradients):
        changed = gradient.copy()
        for other, against in enumerate(gradients):
            if other == task:
                continue
            axis = against / np.linalg.norm(against)
            cosine = changed @ axis / np.linalg.norm(changed)
            if cosine < usual[task, other]:
                # The part across stays; the part along is what makes the cosine the usual one.
                across = changed - (changed @ axis) * axis
                cotangent = 1 / np.tan(np.arccos(usual[task, other]))
                changed = across + np.linalg.norm(across) * cotangent * axis
            usual[task, other] += beta * (cosine - usual[task, other])
        result.append(changed)
    return np.sum(result, axis=0)


def aligned(gradients):
    left, sizes, right = np.linalg.svd(gradients, full_matrices=False)
    return sizes.min() * (left @ right).sum(axis=0)


def shared_direction(gradients):
    """The summed gradient's part along sign-coherent principal directions, or None."""
    left, _, right = np.linalg.svd(gradients, full_matrices=False)
    coherent = np.all(left > 0, axis=0) | np.all(left < 0, axis=0)
    if not coherent.any():
        return None
    basis = right[coherent]
    return basis.T @ (basis @ gradients.sum(axis=0))


def tensioned(gradients, losses, growth, alpha):
    base = equiangular(gradients)
    update = base.copy()
    for gradient, loss, ratio in zip(gradients, losses, growth, strict=True):
        delta = ratio + np.log10(loss)
        tension = max(0, alpha / (1 + np.exp(-np.e * delta + np.e)) + 1 - alpha)
        update += tension * (gradient - base) / np.linalg.norm(gradient - base)
    for gradient in gradients:
        if angle(gradient, update) > np.pi / 2:
            unit = gradient / np.linalg.norm(gradient)
            across = update - (update @ unit) * unit
            opening = np.pi - angle(gradient, update - gradient)
            size = np.tan(opening) * np.linalg.norm(gradient)
            update = size * across / np.linalg.norm(across)
    return update


def angle(one, other):
    return np.arccos(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
