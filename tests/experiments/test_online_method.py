import numpy as np

from experiments.comparing import run, small_problem
from keras_mtkd.experiments import METHODS, Settings


def test_is_compared_like_every_method(kept_runs):
    methods = ("single", "uniform", "online-kd")
    comparison = run(kept_runs, methods)
    assert np.isfinite(comparison.table["value"]).all()
    assert set(comparison.table["method"]) == set(methods)
    history = comparison.runs["online-kd", 0].history
    tasks = list(small_problem().tasks)
    for task in tasks:
        assert len(history[f"{task}_single_loss"]) == 2
        assert history[f"{task}_distillation_loss"][0] == 0.0
        assert history[f"{task}_distillation_loss"][1] > 0.0
    assert (kept_runs / "seed0" / "online-kd" / "student.keras").exists()


def test_warm_up_leaves_epochs_for_the_student():
    problem = small_problem()
    for epochs, warmup in {1: 0, 2: 1, 3: 1, 4: 2, 30: 2}.items():
        learner = METHODS["online-kd"].learner(problem, {}, Settings(epochs=epochs))
        assert learner.warmup == warmup
    assert list(learner.singles) == list(problem.tasks)
    assert learner.task_names == list(problem.tasks)


def test_with_equal_weights_no_task_is_preferred():
    problem = small_problem()
    learner = METHODS["online-kd-equal"].learner(
        problem, {}, Settings(epochs=2, learning_rate=1e-2)
    )
    history = learner.fit(problem.train, epochs=2, verbose=0).history
    weights = np.array([history[f"{task}_task_weight"] for task in problem.tasks])
    np.testing.assert_allclose(weights, 1.0, atol=1e-4)
