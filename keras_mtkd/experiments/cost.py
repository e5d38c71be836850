"""What predictions cost: parameters, and the time of one on this machine."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import keras

from keras_mtkd._backend.device import best_jit_compile
from keras_mtkd._data.batches import probe_batches
from keras_mtkd._graph.ends import own_inputs
from keras_mtkd._storage import files
from keras_mtkd._storage.fingerprint import architecture, digest
from keras_mtkd.experiments.environment import environment
from keras_mtkd.experiments.method import Method
from keras_mtkd.experiments.methods import SINGLE
from keras_mtkd.experiments.own_teachers import distinct
from keras_mtkd.problem import Problem

_FILE = "costs.json"
_ROUNDS, _SECONDS, _FEWEST = 5, 0.02, 3
# The first calls trace and compile.
_WARM_UP = 3


@dataclass(frozen=True)
class Cost:
    """What one prediction of all tasks costs.

    Args:
        parameters: Weights of the student; for single-task models, of all of them together.
        milliseconds: Median time of a prediction in every round.
    """

    parameters: int
    milliseconds: list[float]


def costs_of(
    problem: Problem,
    methods: Sequence[Method],
    teachers: Mapping[str, keras.Model],
    root: Path | None,
) -> dict[str, Cost]:
    """The costs of students and teachers, measured one beside the other, or as kept.

    Neither depends on what weights have learned, so new models stand for the trained ones, and one
    for all of its architecture.

    Args:
        problem: The problem, one of whose samples is predicted.
        methods: Methods, whose students are measured.
        teachers: Teachers of one's own; for the other tasks it is the problem's single-task
            models.
        root: Where results are kept, or `None`.

    Returns:
        `{method: cost}`, with `"single"` for the single-task models one after the other.
    """
    singles = [teachers[t] if t in teachers else problem.single(t) for t in problem.tasks]
    # Most methods have the same one: it is made once.
    makers = {method.student for method in methods}
    students = {make: make(problem) for make in makers}
    models = {SINGLE: distinct(singles)}
    models |= {method.name: [students[method.student]] for method in methods}
    told = {name: digest([architecture(model) for model in of]) for name, of in models.items()}
    where = environment()
    kept = None if root is None else _kept(root / _FILE, told, where)
    if kept is not None:
        return kept
    x, _, _ = next(probe_batches(problem.train, 1))
    by_kind = {told[name]: of for name, of in models.items()}
    measured = measure(by_kind, x)
    found = {name: measured[told[name]] for name in models}
    if root is not None:
        costs = {name: {"models": told[name], **asdict(cost)} for name, cost in found.items()}
        files.write_json(root / _FILE, {"environment": where, "costs": costs})
    return found


def _kept(path: Path, told: Mapping[str, str], where: Mapping[str, str]) -> dict[str, Cost] | None:
    """What an earlier run measured of the same models in the same place, all at once or not."""
    kept = files.read_json(path)
    if kept is None or kept["environment"] != where:
        return None
    costs = kept["costs"]
    if any(costs.get(name, {}).get("models") != models for name, models in told.items()):
        return None
    return {name: Cost(costs[name]["parameters"], costs[name]["milliseconds"]) for name in told}


def measure(models: Mapping[str, Sequence[keras.Model]], x: Any) -> dict[str, Cost]:
    """Parameters, and the time of Keras' compiled `predict_on_batch`.

    Every round times each of them, so that what else the machine does meets all alike.

    Args:
        models: `{name: models}` that predict one after the other, in one call.
        x: A batch of inputs.

    Returns:
        `{name: cost}`.
    """
    calls = {name: _call(of, x) for name, of in models.items()}
    for call in calls.values():
        for _ in range(_WARM_UP):
            call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(_ROUNDS):
        for name, call in calls.items():
            times[name].append(_median(call))
    return {name: Cost(count(models[name]), times[name]) for name in calls}


def count(models: Sequence[keras.Model]) -> int:
    """Weights of models, trainable or not."""
    return sum(int(model.count_params()) for model in models)


class _InOneCall(keras.Model):
    """Models that predict one after the other.

    Args:
        models: The models.
    """

    def __init__(self, models: Sequence[keras.Model]) -> None:
        # That of the class would begin with an underscore, which TensorFlow refuses.
        super().__init__(name="in_one_call")
        self._models = list(models)
        # They have their weights. Else the first call on JAX runs all of them once eagerly, each
        # operation compiled by itself, which takes as long as compiling the whole.
        self.built = True

    def call(self, x: Any) -> Any:
        return [model(own_inputs(model, x), training=False) for model in self._models]


def _call(models: Sequence[keras.Model], x: Any) -> Callable[[], Any]:
    together = _InOneCall(models)
    together.compile(jit_compile=best_jit_compile("auto"))
    return lambda: together.predict_on_batch(x)


def _median(call: Callable[[], Any]) -> float:
    """Of as many calls as fit into the time, in milliseconds."""
    times: list[float] = []
    end = perf_counter() + _SECONDS
    while len(times) < _FEWEST or perf_counter() < end:
        start = perf_counter()
        call()
        times.append(1000 * (perf_counter() - start))
    return statistics.median(times)
