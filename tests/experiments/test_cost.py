"""What predictions cost: counted exactly, timed side by side, kept with what was measured."""

import json

import keras
import numpy as np
import pytest

from experiments.comparing import small_problem
from keras_mtkd.experiments import METHODS, Method, cost
from keras_mtkd.experiments.cost import costs_of, measure

METHODS_SHOWN = [METHODS["uniform"], METHODS["mtlkd"]]


def dense(units, name):
    inputs = keras.Input((6,))
    return keras.Model(inputs, keras.layers.Dense(units, name=name)(inputs), name=name)


@pytest.fixture
def _quickly(monkeypatch):
    monkeypatch.setattr(cost, "_SECONDS", 0.0)
    monkeypatch.setattr(cost, "_WARM_UP", 1)


@pytest.mark.traced
@pytest.mark.usefixtures("_quickly")
def test_weights_are_counted_and_every_round_timed():
    one, two = dense(2, "one"), dense(5, "two")
    found = measure({"one": [one], "both": [one, two]}, np.zeros((1, 6), "float32"))
    assert found["one"].parameters == 7 * 2
    assert found["both"].parameters == 7 * 2 + 7 * 5
    for each in found.values():
        assert len(each.milliseconds) == 5
        assert min(each.milliseconds) > 0


def test_all_take_turns_in_every_round(monkeypatch):
    order = []

    def call(models, x):
        return lambda: order.append(models[0])

    monkeypatch.setattr(cost, "_call", call)
    monkeypatch.setattr(cost, "count", len)
    monkeypatch.setattr(cost, "_SECONDS", 0.0)
    measure({"a": ["a"], "b": ["b"]}, None)
    timed = order[2 * cost._WARM_UP :]
    assert timed == (["a"] * cost._FEWEST + ["b"] * cost._FEWEST) * cost._ROUNDS


@pytest.mark.usefixtures("_quickly")
def test_teachers_of_ones_own_count_once_and_replace_single_task_models(monkeypatch):
    seen = []
    monkeypatch.setattr(
        cost, "measure", lambda models, x: seen.append(models) or measure(models, x)
    )
    problem = small_problem()
    costs_of(problem, METHODS_SHOWN, {}, None)
    inputs = keras.Input((6,))
    outputs = {"a": keras.layers.Dense(3)(inputs), "b": keras.layers.Dense(1)(inputs)}
    both = keras.Model(inputs, outputs)
    found = costs_of(problem, METHODS_SHOWN, {"a": both, "b": both}, None)
    assert found["single"].parameters == both.count_params()
    # One program for both methods, whose students are alike, and one for the teachers.
    assert [[len(of) for of in models.values()] for models in seen] == [[2, 1], [1, 1]]
    assert found["mtlkd"] == found["uniform"]
    single, shared = (7 * 8 + 9 * n for n in (3, 4))
    assert shared == found["uniform"].parameters
    assert single + 7 * 8 + 9 * 1 == costs_of(problem, [], {}, None)["single"].parameters


def test_methods_that_share_a_student_make_it_once(monkeypatch):
    monkeypatch.setattr(
        cost, "measure", lambda models, x: dict.fromkeys(models, cost.Cost(1, [1.0]))
    )
    problem, made = small_problem(), []

    def student(given):
        made.append(given)
        return given.student()

    methods = [Method(name, lambda *_: [], student=student) for name in ("One", "Two", "Three")]
    assert set(costs_of(problem, methods, {}, None)) == {"single", "one", "two", "three"}
    assert made == [problem]


def test_models_run_in_their_compiled_program_alone(monkeypatch):
    """On JAX Keras would build a model by running it first, operation by operation."""
    ran, model = [], dense(2, "one")
    call = type(model).call
    monkeypatch.setattr(type(model), "call", lambda *a, **k: ran.append(1) or call(*a, **k))
    cost._call([model], np.zeros((1, 6), "float32"))()
    assert len(ran) == 1


def test_what_was_measured_is_kept_as_long_as_models_and_machine_are_the_same(
    tmp_path, monkeypatch
):
    measured = []

    def count_only(models, x):
        measured.append(len(models))
        return {name: cost.Cost(cost.count(of), [1.0, 2.0]) for name, of in models.items()}

    monkeypatch.setattr(cost, "measure", count_only)
    problem = small_problem()
    first = costs_of(problem, METHODS_SHOWN, {}, tmp_path)
    assert costs_of(problem, METHODS_SHOWN[:1], {}, tmp_path) == {
        name: first[name] for name in ("single", "uniform")
    }
    assert measured == [2]
    bigger = Method("Bigger", METHODS["mtlkd"].distillation, student=lambda problem: big(problem))
    costs_of(problem, [*METHODS_SHOWN, bigger], {}, tmp_path)
    assert measured == [2, 3]
    path = tmp_path / "costs.json"
    kept = json.loads(path.read_text("utf-8"))
    kept["environment"]["processor"] = "another"
    path.write_text(json.dumps(kept), "utf-8")
    costs_of(problem, METHODS_SHOWN, {}, tmp_path)
    assert measured == [2, 3, 2]


def big(problem):
    return small_problem(width=20).student()
