"""All metrics of the tasks that a model predicts."""

import keras
import numpy as np
import pytest
from problems import tiny_problem

from keras_mtkd.experiments import evaluate_tasks


# Of all tasks: `test_students_are_kept_and_give_the_tables_values` of test_compare.py.
def test_a_model_of_one_task_is_asked_for_all_metrics_of_that_one():
    problem = tiny_problem(samples=12, batch=12)
    model, (x, y) = problem.single("b"), problem.test[0]
    found = evaluate_tasks(model, problem, problem.test)
    assert {task: list(scores) for task, scores in found.items()} == {"b": ["mae", "r2"]}
    error = np.array(model(x)["b"]) - y["b"]
    assert found["b"]["mae"] == pytest.approx(np.abs(error).mean(), rel=1e-4)
    assert found["b"]["r2"] == pytest.approx(1 - (error**2).mean() / y["b"].var(), rel=1e-4)


def test_a_model_whose_output_has_no_name_is_refused_with_the_way_to_name_it():
    problem = tiny_problem(samples=16)
    named = problem.single("a")
    bare = keras.Model(named.input, named.output["a"])
    with pytest.raises(TypeError, match=r"keras.Model\(model.input, \{'a': model.output\}\)"):
        evaluate_tasks(bare, problem, problem.test)
