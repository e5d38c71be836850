import pytest

from keras_mtkd import Task
from keras_mtkd.metrics import delta_mtl, relative_changes

TASKS = [
    Task("semantic", None, "mse", ["miou"]),
    Task("depth", None, "mse", ["abs_err"], higher_is_better=False),
    Task("normal", None, "mse", ["mean_err"], higher_is_better=False),
]
SINGLE = {"semantic": 40.5355, "depth": 0.627602, "normal": 24.284388}
# Rows of Table 1 of Li, Liu and Bilen, "Universal Representations" (IJCV 2023): NYUv2, SegNet.
PUBLISHED = {
    "uniform": (40.22, 0.5196, 29.09, -1.13),
    "uncertainty": (37.35, 0.5014, 26.74, 0.72),
    "mgda": (39.77, 0.5669, 29.05, -3.95),
    "imtl-h": (40.62, 0.5224, 26.14, 3.11),
    "url": (45.52, 0.4912, 24.57, 10.95),
}


@pytest.mark.parametrize("row", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_published_values(row):
    results = dict(zip(SINGLE, row[:3], strict=True))
    assert delta_mtl(results, SINGLE, TASKS) == pytest.approx(row[3], abs=0.011)


def test_single_task_models_are_the_zero():
    assert delta_mtl(SINGLE, SINGLE, TASKS) == 0.0


def test_direction_of_each_task():
    better = {"semantic": 44.58905, "depth": 0.5648418, "normal": 26.7128268}
    changes = relative_changes(better, SINGLE, {task.name: task for task in TASKS})
    assert changes == pytest.approx({"semantic": 10.0, "depth": 10.0, "normal": -10.0})


def test_missing_score():
    with pytest.raises(ValueError, match="no result for task 'depth'"):
        delta_mtl({"semantic": 1.0}, SINGLE, TASKS)
    with pytest.raises(ValueError, match="no single-task score for task 'semantic'"):
        delta_mtl(SINGLE, {}, TASKS)


def test_a_base_of_zero():
    with pytest.raises(ValueError, match="single-task score of 'depth' is 0"):
        delta_mtl(SINGLE, {**SINGLE, "depth": 0.0}, TASKS)


def test_up_is_better_with_a_base_below_0_too():
    """An R² of a model that is worse than the mean."""
    task = Task("sum", None, "mse", ["r2"], higher_is_better=True)
    assert relative_changes({"sum": -0.1}, {"sum": -0.2}, [task]) == pytest.approx({"sum": 50.0})
    assert relative_changes({"sum": -0.3}, {"sum": -0.2}, [task]) == pytest.approx({"sum": -50.0})
