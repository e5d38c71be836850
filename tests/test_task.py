"""One task: what it scores by, and what makes none."""

import keras
import pytest

import keras_mtkd as mtkd
from keras_mtkd import losses
from keras_mtkd.task import listed_tasks


class TestTask:
    def test_first_metric_is_the_score(self):
        task = mtkd.Task("a", None, "mse", [keras.metrics.MeanAbsoluteError(name="e"), "mse"])
        assert task.score == "e"

    def test_metrics_are_not_shared(self):
        metric = keras.metrics.MeanAbsoluteError(name="e")
        task = mtkd.Task("a", None, "mse", [metric, "mse"])
        one, other = task.new_metrics(), task.new_metrics()
        assert one[0] is not metric
        assert one[0] is not other[0]
        assert (one[0].name, one[1]) == ("e", "mse")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("", None, "mse", ["mae"]), "needs a name"),
            (("a", None, None, ["mae"]), "'a' has no loss"),
            (("a", None, "mse", []), "'a' has no metric"),
            (("a", None, "mse", ["mae"], "r2"), r"one of its metrics \['mae'\].*score='r2'"),
            (
                ("a", None, "mse", ["mae", keras.metrics.F1Score(threshold=0.5)]),
                "'a': the metric 'f1_score' has a value for every class. .*'macro'",
            ),
            (
                ("a", None, "mse", [keras.metrics.Recall([0.3, 0.5], name="recall")]),
                "'a': the metric 'recall' has a value for every threshold",
            ),
        ],
    )
    def test_refusals(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            mtkd.Task(*arguments)

    def test_metrics_of_a_curve_have_one_value(self):
        curves = keras.metrics.AUC(num_thresholds=5), keras.metrics.RecallAtPrecision(0.5)
        assert len(mtkd.Task("a", None, "mse", [*curves, keras.metrics.Recall([0.3])]).metrics) == 3

    def test_which_way_is_up_is_known_of_the_score_or_asked_for(self):
        def task(metric, **given):
            return mtkd.Task("a", None, "mse", [metric], **given)

        assert task("accuracy").higher_is_better is True
        assert task("mae").higher_is_better is False
        assert task("mae", higher_is_better=True).higher_is_better is True
        own = keras.metrics.Mean(name="own")
        assert task(own, higher_is_better=False).higher_is_better is False
        with pytest.raises(ValueError, match="'a': it is not known .* score 'own' is better"):
            task(own)

    def test_the_score_may_be_any_of_the_metrics(self):
        task = mtkd.Task("a", None, "mse", ["accuracy", "mae"], score="mae")
        assert (task.score, task.higher_is_better) == ("mae", False)

    def test_new_metrics_begin_with_the_score(self):
        own = keras.metrics.MeanAbsoluteError(name="e")
        task = mtkd.Task("a", None, "mse", ["accuracy", own, "mse"], score="e")
        names = [one if isinstance(one, str) else one.name for one in task.new_metrics()]
        assert names == ["e", "accuracy", "mse"]
        assert task.metrics == ["accuracy", own, "mse"]

    def test_a_loss_of_any_kind_becomes_one_of_keras(self):
        given = losses.LogitKL(2.0)
        assert mtkd.Task("a", None, given, ["mae"]).new_loss() is given
        assert isinstance(mtkd.Task("a", None, "mse", ["mae"]).new_loss(), keras.losses.Loss)


TASK = mtkd.Task("a", None, "mse", ["mae"])


@pytest.mark.parametrize("given", [{"a": TASK}, [TASK], (TASK,), TASK])
def test_tasks_in_every_form(given):
    assert listed_tasks(given) == [TASK]


def make_problem(tasks):
    return mtkd.Problem("p", tasks, None, ([1], {"a": [1]}), ([1], {"a": [1]}))


@pytest.mark.parametrize(
    "take",
    [
        listed_tasks,
        make_problem,
        lambda tasks: mtkd.metrics.delta_mtl({"a": 1.0}, {"a": 1.0}, tasks),
        lambda tasks: mtkd.tuning.objective("val_a_mae", tasks=tasks),
    ],
    ids=["listed_tasks", "Problem", "delta_mtl", "objective"],
)
def test_what_is_no_task_is_refused(take):
    for given in (["a"], "a"):
        with pytest.raises(TypeError, match=r"`problem.tasks`.*Received: 'a'.*tasks\['a'\]`\."):
            take(given)
    with pytest.raises(TypeError, match=r"`problem.tasks`.*Received: one of type int\."):
        take([1])
