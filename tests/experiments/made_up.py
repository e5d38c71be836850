"""Comparisons with given Δ_MTL, without training."""

import keras_mtkd as mtkd
from keras_mtkd.experiments import Comparison
from keras_mtkd.experiments.cost import Cost

BASE = 0.5


def comparison(changes, costs=None, titles=None, shown=None):
    """One task, whose score changes by so many percent.

    Args:
        changes: `{method: change of every seed}`; `"single"` changes by 0 on average.
        costs: `{method: (parameters, milliseconds)}`.
        titles: As in `Comparison`.
        shown: The methods to show, by default all.
    """
    task = mtkd.Task("kind", None, "mse", ["accuracy"])
    rows = [
        {
            "method": method,
            "seed": seed,
            "task": "kind",
            "metric": "accuracy",
            "value": BASE * (1 + change / 100),
        }
        for method, values in changes.items()
        for seed, change in enumerate(values)
    ]
    kept = {
        method: Cost(size, [0.9 * time, 1.1 * time])
        for method, (size, time) in (costs or {}).items()
    }
    return Comparison({"kind": task}, shown or list(changes), rows, None, None, titles, kept)
