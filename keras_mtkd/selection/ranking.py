"""Which of many teachers to learn from, before anything is trained."""

import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_mtkd._backend.export import mtkd_export
from keras_mtkd._backend.optional import require
from keras_mtkd.selection.costs import embed, ground_cost, read_cost
from keras_mtkd.selection.reading import read_classifier


@mtkd_export("keras_mtkd.selection.rank_teachers")
def rank_teachers(
    repository: Mapping[str, keras.Model],
    data: Any,
    task: str | None = None,
    samples: int = 512,
    temperature: float = 1.0,
    specifications: Mapping[str, Any] | None = None,
    target: Any = None,
    keep: int | None = None,
    classifiers: Mapping[str, str] | None = None,
    layers: Mapping[str, str] | None = None,
) -> Any:
    """Rank teachers of other label spaces for a labelled task, without training a student.

    Moving a teacher's class probabilities to a single class of the task costs
    `k_c(x) = sum_i p_i(x) * cost[i, c]`, since only one plan is possible. A teacher's score is the
    share by which its predictions miss the labels, on a probe set:

        score = sum_x (k_y - min_c k_c) / sum_x (mean_c k_c - min_c k_c)

    It is 0 where moving to the label is always cheapest, so that labels and distillation never
    contradict each other, and about 1 where labels might as well be drawn by chance. The mean of
    `k_y` alone prefers teachers of few classes, whose embeddings lie along few directions.

    `cost` is the cosine distance between the rows of the teacher's classifier and the mean
    embedding of each class of the data, both centred.

    With `specifications` it runs in two stages: teachers are first ordered by the transport between
    stored descriptions of their classes and of the target's, which needs no forward pass, and only
    the best `keep` are scored on the data. The cost then does not grow with the forward passes of
    every teacher.

    Args:
        repository: `{name: functional classifier}`.
        data: Labelled probe data: batches or arrays `(x, y)`, `y` class numbers from 0, or
            `{task: class numbers}`.
        task: The task, where `y` is a dict.
        samples: Samples to look at.
        temperature: Softening of the teachers' predictions.
        specifications: `{name: (classes, d)}` in one space for all teachers, such as
            `class_centres` of features of one reference network, or of the inputs, flattened.
        target: `(classes, d)`, the same for the task to learn.
        keep: Teachers that go to the second stage, by default all.
        classifiers: `{name: path}` of the dense layer that gives the classes, where it is not
            the last one.
        layers: `{name: path}` of the layer whose output goes into it, where that layer is
            inside a nested model.

    Returns:
        A data frame with one row a teacher, best first: `rank`, `score` (lower is better, NaN if
        not scored), `cost` (mean of `k_y`), `specification` (cost of the first stage, NaN
        without), `samples` (forward passes) and `seconds` spent.

    Raises:
        ValueError: If the repository is empty, specifications are missing, `keep` is out of
            range or a teacher cannot be read.
        ImportError: If pandas is not installed, or POT where specifications are given.

    Source: Lu et al., "Selective Cross-Task Distillation" (2022), for ranking by transport cost
    and for not trying every teacher; ground cost, score and stages are reconstructed.
    """
    pandas = require("pandas", "selection")
    if not repository:
        raise ValueError("The repository is empty. Pass `{name: model}`.")
    if keep is not None and not 1 <= keep <= len(repository):
        raise ValueError(f"`keep` must be 1 to {len(repository)}. Received: keep={keep}.")
    if temperature <= 0:
        raise ValueError(f"`temperature` must be positive. Received: temperature={temperature}.")
    rows = {name: dict(_EMPTY) for name in repository}
    order = list(repository)
    if specifications is not None:
        for name in repository:
            start = time.perf_counter()
            rows[name]["specification"] = _compare(name, specifications, target)
            rows[name]["seconds"] += time.perf_counter() - start
        order.sort(key=lambda name: rows[name]["specification"])
    elif keep is not None:
        raise ValueError("`keep` needs `specifications` and `target` to choose by.")
    for name in order[:keep]:
        start = time.perf_counter()
        path, layer = (classifiers or {}).get(name), (layers or {}).get(name)
        reading = read_classifier(repository[name], path, layer)
        embeddings, labels = embed(reading, data, task, samples)
        cost = read_cost(reading, embeddings, labels, rescale=False)
        probabilities = reading.probabilities(embeddings, temperature)
        rows[name]["score"] = transport_regret(probabilities, labels, cost)
        rows[name]["cost"] = forced_cost(probabilities, labels, cost)
        rows[name]["samples"] = len(labels)
        rows[name]["seconds"] += time.perf_counter() - start
    table = pandas.DataFrame.from_dict(rows, orient="index").loc[order]
    table = table.sort_values("score", kind="stable", na_position="last")
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table.rename_axis("teacher")


_EMPTY = {"score": np.nan, "cost": np.nan, "specification": np.nan, "samples": 0, "seconds": 0.0}


def forced_cost(probabilities: Any, labels: Any, cost: Any) -> float:
    """Mean transport cost of predictions to single classes, where only one plan is possible.

    Args:
        probabilities: `(samples, K)`.
        labels: Classes, `(samples,)`.
        cost: `(K, C)`.

    Returns:
        `mean_x sum_i p_i(x) cost[i, y]`, in units of the cost.

    Source: closed form of optimal transport with a one-hot marginal.
    """
    columns = np.asarray(cost)[:, np.asarray(labels).ravel().astype(int)].T
    return float(np.mean(np.sum(np.asarray(probabilities) * columns, axis=1)))


def transport_regret(probabilities: Any, labels: Any, cost: Any) -> float:
    """How much more it costs to move predictions to their labels than to the nearest class.

    Args:
        probabilities: `(samples, K)`.
        labels: Classes, `(samples,)`.
        cost: `(K, C)`.

    Returns:
        As a share of what moving to a random class costs more: 0 if the label is always nearest,
        about 1 if labels and predictions have nothing to do with each other; 1 too if all classes
        are equally near.

    Source: this package's.
    """
    costs = np.asarray(probabilities, "float64") @ np.asarray(cost, "float64")
    chosen = np.take_along_axis(costs, np.asarray(labels).reshape(-1, 1).astype(int), axis=1)
    nearest = costs.min(axis=1)
    chance = np.sum(costs.mean(axis=1) - nearest)
    return float(np.sum(chosen[:, 0] - nearest) / chance) if chance > 0 else 1.0


def specification_distance(one: Any, other: Any) -> float:
    """Optimal transport between uniform measures on the classes of two label spaces.

    Args:
        one: `(K, d)`.
        other: `(C, d)`.

    Returns:
        The cost, in cosine distance; 0 for equal specifications.

    Raises:
        ValueError: If lengths of the vectors differ.
        ImportError: If POT is not installed.

    Source: reconstructed.
    """
    transport = require("ot", "selection")
    cost = ground_cost(one, other, rescale=False)
    measures = (np.full(size, 1.0 / size) for size in cost.shape)
    return float(transport.emd2(*measures, np.ascontiguousarray(cost)))


def _compare(name: str, specifications: Mapping[str, Any], target: Any) -> float:
    if target is None:
        raise ValueError("Pass `target`, the specification of the task to learn.")
    if name not in specifications:
        raise ValueError(
            f"Teacher '{name}' has no specification. Received: {sorted(specifications)}."
        )
    return specification_distance(specifications[name], target)
