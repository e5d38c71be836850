"""Teachers that exist: what is refused, and how they are compared, kept and known again."""

import keras
import numpy as np
import pytest

import keras_mtkd as mtkd
from experiments.comparing import run, small_problem
from keras_mtkd._graph.ends import alone
from keras_mtkd.experiments import Method, evaluate_tasks
from keras_mtkd.experiments.own_teachers import OwnTeachers


def teacher(units=3, layer="wide", shape=(6,), output=None, width=16, seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input(shape)
    hidden = keras.layers.Dense(width, "relu", name=layer)(inputs)
    made = keras.layers.Dense(units)(hidden)
    return keras.Model(inputs, made if output is None else {output: made}, name="mine")


def checked(given, seeds=(0,)):
    problem = small_problem()
    return OwnTeachers(problem, given, seeds, problem.student())


class Subclassed(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize(
    ("given", "error", "reason"),
    [
        ({"c": teacher()}, ValueError, "There is no task 'c'. .*Known: a, b"),
        ({"a": "file.keras"}, TypeError, "teacher of 'a' must be a `keras.Model`"),
        ({"a": Subclassed()}, ValueError, "teacher of 'a' must be a functional model"),
        (
            {"a": teacher(5)},
            ValueError,
            r"teacher of 'a' predicts \(None, 5\), a student \(None, 3\)",
        ),
        (
            {"a": teacher(shape=(7,))},
            ValueError,
            "teacher of 'a', 'mine', does not take the inputs",
        ),
        ({"a": teacher(output="b")}, ValueError, "teacher of 'a' has no output 'a'"),
        (teacher(), TypeError, "`teachers` must be `{task: keras.Model}`"),
        ([teacher()], TypeError, "`teachers` must be `{task: keras.Model}`, or a function"),
        (lambda seed: {"c": teacher()}, ValueError, "`teachers`, for seed 0: There is no task"),
    ],
    ids=["task", "no model", "graph", "shape", "inputs", "output", "model", "list", "by seed"],
)
def test_what_does_not_fit_is_refused(given, error, reason):
    with pytest.raises(error, match=f"(?s){reason}"):
        checked(given)


def test_a_teacher_in_other_units_is_told():
    problem = small_problem()
    x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
    labels = {"a": np.zeros(64, "int32"), "b": 50.0 + 20.0 * x[:, :1]}
    problem.train = mtkd.datasets.ArrayDataset(x, labels, batch_size=16)
    inputs = keras.Input((6,))
    standard = keras.Model(inputs, inputs[:, :1])
    with pytest.warns(UserWarning, match="teacher of 'b' seems to answer in other units"):
        OwnTeachers(problem, {"b": standard}, (0,), problem.student())


def test_the_reverse_of_yes_and_no_is_told():
    x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    task = mtkd.Task("sold", lambda: keras.layers.Dense(1), loss, ["accuracy"])
    inputs = keras.Input((6,))
    backbone = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    data = x, {"sold": (x[:, :1] > 0).astype("int32")}
    problem = mtkd.Problem("orders", [task], lambda: backbone, data, data)
    turned = keras.Model(inputs, keras.ops.sigmoid(-inputs[:, :1]))
    with pytest.warns(UserWarning, match="teacher of 'sold' seems to say the reverse.*: 0% of its"):
        OwnTeachers(problem, {"sold": turned}, (0,), problem.student())


def test_maps_of_another_size_are_refused_with_what_mends_it():
    problem = small_problem()
    pictures = keras.Input((4, 4, 1)), keras.Input((8, 8, 1))
    student, larger = (
        keras.Model(each, {"a": keras.layers.Conv2D(3, 1)(each)}) for each in pictures
    )
    with pytest.raises(ValueError, match=r"AveragePooling2D\(2\)\(t.outputs\[0\]\)"):
        OwnTeachers(problem, {"a": larger}, (0,), student)


def test_every_seed_has_teachers_of_the_same_tasks():
    with pytest.raises(ValueError, match=r"same tasks for every seed.*\{0: \['a'\], 1: \[\]\}"):
        checked(lambda seed: {} if seed else {"a": teacher()}, (0, 1))


def test_a_function_is_called_once_a_seed():
    seen = []

    def make(seed):
        seen.append(seed)
        return {"a": teacher(seed=seed)}

    own = checked(make, (3, 4))
    assert own.tasks == ["a"]
    assert own.of(3)["a"] is own.of(3)["a"]
    assert own.fingerprint(3) != own.fingerprint(4)
    assert seen == [3, 4]
    # One architecture, whatever the weights.
    assert len(own.kinds()) == 1


def test_a_model_of_several_tasks_is_judged_by_its_own_output():
    inputs = keras.Input((6,))
    outputs = {"b": keras.layers.Dense(1)(inputs), "a": keras.layers.Dense(3)(inputs)}
    both = keras.Model(inputs, outputs)
    own = checked({"a": both, "b": both}).of(0)
    x = np.ones((2, 6), "float32")
    np.testing.assert_array_equal(alone(own["b"], "b")(x)["b"], both(x)["b"])


def ways(problem, settings):
    return [
        mtkd.FeatureDistillation("features", {"a": "wide"}, weight=settings.weight),
        mtkd.LogitDistillation(weight=settings.logit_weight),
    ]


MINE = Method("Mine", ways)


class TestCompared:
    """Of two tasks one has a teacher, wider than the student."""

    @pytest.fixture(scope="class")
    def model(self):
        return teacher()

    @pytest.fixture(scope="class")
    def finished(self, model, tmp_path_factory):
        directory = tmp_path_factory.mktemp("own")
        return directory, run(directory, ("single", MINE), teachers={"a": model})

    def test_it_is_the_base_of_its_task_and_unchanged(self, finished, model):
        _, comparison = finished
        problem = small_problem()
        expected = evaluate_tasks(alone(model, "a"), problem, problem.test)["a"]["accuracy"]
        assert comparison.single_task_scores()["a"] == pytest.approx(expected)
        for mine, new in zip(model.weights, teacher().weights, strict=True):
            np.testing.assert_array_equal(mine, new)

    def test_its_level_on_validation_data_is_kept(self, finished, model):
        problem = small_problem()
        scores = evaluate_tasks(alone(model, "a"), problem, problem.validation)["a"]
        expected = {f"val_a_{metric}": pytest.approx(value) for metric, value in scores.items()}
        assert finished[1].runs["single", 0].levels == expected

    def test_the_other_task_is_trained_alone_and_taught(self, finished):
        directory, comparison = finished
        assert [path.name for path in (directory / "seed0" / "teachers").iterdir()] == ["b"]
        history = comparison.runs["single", 0].history
        assert "val_b_mae" in history
        assert "val_a_accuracy" not in history
        assert comparison.own_teachers == ["a"]
        assert "Teachers: a given; b trained here." in str(comparison)
        assert {"a_distillation_loss", "b_distillation_loss"} <= set(
            comparison.runs["mine", 0].history
        )

    def test_sizes_are_those_of_what_was_given(self, finished, model):
        _, comparison = finished
        costs = comparison.costs()
        single = model.count_params() + small_problem().single("b").count_params()
        assert costs["parameters"]["single"] == single == comparison.runs["single", 0].parameters
        assert costs["parameters"]["mine"] == small_problem().student().count_params()
        assert (costs["milliseconds"] > 0).all()

    def test_it_is_named_as_what_it_is(self, finished, tmp_path):
        _, comparison = finished
        assert comparison.title_of("single") == "Teachers"
        assert comparison.conditions["own teachers"] == "a"
        page = comparison.save_report(tmp_path / "report.html").read_text("utf-8")
        assert "over the teachers" in page
        assert "single-task models" not in page

    def test_a_second_call_trains_nothing(self, finished, model, monkeypatch):
        directory, comparison = finished
        monkeypatch.delattr("keras_mtkd.experiments.method.Method.train")
        again = run(directory, ("single", MINE), teachers={"a": model})
        assert again.runs == comparison.runs
        assert again.costs().equals(comparison.costs())

    @pytest.mark.parametrize(
        "other", [{"a": teacher(seed=1)}, {"a": teacher(), "b": teacher(1)}, None, {}]
    )
    def test_other_teachers_are_refused(self, finished, other):
        with pytest.raises(ValueError, match=r"(?s)other conditions.*own teachers"):
            run(finished[0], ("single",), teachers=other)


def test_taps_that_are_not_there_are_told_before_training(monkeypatch):
    monkeypatch.delattr("keras_mtkd.experiments.trainings.train_teachers")
    with pytest.raises(ValueError, match="Method 'MTLKD' does not fit these models") as error:
        run(methods=("single", "mtlkd"), teachers={"a": teacher(layer="wide")})
    told = str(error.value)
    assert "There is no layer 'features' in model 'mine'" in told
    assert "Layers of the teacher of 'a': 'input_layer" in told
    assert "'wide'" in told
    assert "in a method of your own" in told


@pytest.mark.parametrize("given", [lambda: None, lambda seed, problem: None], ids=["none", "two"])
def test_a_function_that_does_not_take_the_seed_is_refused(given):
    with pytest.raises(TypeError, match=r"from the seed to that: `teachers=lambda seed: .*lambda>"):
        OwnTeachers(small_problem(), given, [0], None)
