"""Who teaches what to whom, before anything is compiled."""

import functools

import keras
import numpy as np
import pytest
from helpers import toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd._data.cached_features import attach_features
from keras_mtkd.distillers.wiring import Wiring, as_distillations, wire_teachers

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")


# Wiring changes no model, so that one of each does.
toy_student, teachers_of_toys = functools.cache(toy_model), functools.cache(toy_teachers)


def told(branches):
    return [
        (branch.name, [(term.task, term.distillation.name) for term in branch.terms])
        for branch in branches
    ]


def marked_keys(wiring):
    """Names of the features that the teachers would give as they are now."""
    for branch in wiring.branches:
        branch.mark()
    return {key for branch in wiring.branches for key in [*branch.keys()]}


class TestBranches:
    def test_one_for_every_distinct_teacher_with_all_that_it_gives(self):
        teachers = teachers_of_toys()
        ways = [mtkd.FeatureDistillation("features"), mtkd.LogitDistillation(["b"])]
        assert told(Wiring(toy_student(), teachers, ways).branches) == [
            ("a", [("a", "features")]),
            ("b", [("b", "features"), ("b", "logits")]),
        ]

    def test_one_model_of_two_tasks_is_one(self):
        both = toy_model(width=5)
        wiring = Wiring(toy_student(), {"a": both, "b": both}, [mtkd.LogitDistillation()])
        (branch,) = wiring.branches
        assert branch.teacher.model is both
        assert branch.tasks == wiring.taught == ["a", "b"]

    def test_teachers_that_teach_nothing_have_none(self):
        wiring = Wiring(toy_student(), teachers_of_toys(), [mtkd.LogitDistillation(["b"])])
        assert told(wiring.branches) == [("b", [("b", "logits")])]
        assert list(wiring.teachers) == ["a", "b"]
        assert wiring.taught == ["b"]

    def test_before_there_is_a_student_heads_of_its_own_are_left_out(self):
        own = mtkd.DistributionMatching(mtkd.LabelCoupling([[1.0]] * 3), "a", "b")
        ways = [mtkd.FeatureDistillation("features"), own]
        assert told(wire_teachers(teachers_of_toys(), ways)) == [
            ("a", [("a", "features")]),
            ("b", [("b", "features")]),
        ]

    def test_teachers_run_no_further_than_their_taps(self):
        wiring = Wiring(toy_student(), teachers_of_toys(), [mtkd.FeatureDistillation("hidden")])
        outputs, taps = wiring.branches[0].teacher(keras.ops.ones((2, 6)))
        assert outputs is None
        assert list(taps) == ["hidden"]


def test_what_terms_read_of_the_student_by_task():
    ways = [mtkd.FeatureDistillation("features", tasks=["b"]), mtkd.LogitDistillation(["b"])]
    wiring = Wiring(toy_student(), teachers_of_toys(), ways)
    assert wiring.paths == {"a": [], "b": ["features", None]}
    assert wiring.taught == ["b"]
    assert wiring.student.shapes == {"features": (None, 8)}


def test_adaptors_are_made_for_taps_of_other_widths_alone():
    student, teachers = toy_student(), {"a": toy_model(("a",), 5), "b": toy_model(("b",), 8)}
    ways = [mtkd.FeatureDistillation("features", adaptor="linear"), mtkd.LogitDistillation()]
    terms = Wiring(student, teachers, ways).terms
    shapes = {
        term.key: tuple(layer.weights[0].shape) for term in terms for layer in term.layers.values()
    }
    assert shapes == {"a/features": (8, 5), "b/features": (8, 8)}


def test_the_students_side_of_every_term_by_its_key():
    wiring = Wiring(toy_student(), teachers_of_toys(), [mtkd.LogitDistillation()])
    outputs = {"a": keras.ops.ones((2, 3)), "b": keras.ops.zeros((2, 1))}
    adapted = wiring.adapted(lambda task: (outputs, {}), None)
    assert list(adapted) == ["a/logits", "b/logits"]
    assert adapted["a/logits"] is outputs["a"]


class TestWaysOfDistilling:
    def test_one_alone_and_losses_of_keras(self):
        way, loss = mtkd.LogitDistillation(), keras.distillation.LogitsDistillation()
        assert as_distillations(way) == [way]
        (wrapped,) = as_distillations(loss)
        assert isinstance(wrapped, mtkd.KerasDistillation)
        assert wrapped.loss is loss
        assert as_distillations([]) == []


class TestFeaturesThatComeWithTheData:
    def test_must_be_those_of_these_teachers(self):
        wiring = Wiring(toy_student(), teachers_of_toys(), [mtkd.FeatureDistillation("features")])
        wiring.expect_features([1.0])
        assert wiring.branches[0].fingerprint is None
        with pytest.raises(ValueError, match=r"not those of this distiller's teachers.*\['k'\]"):
            wiring.expect_features(attach_features([1.0], {"k": [2.0]}))
        wiring.expect_features(attach_features([1.0], dict.fromkeys(marked_keys(wiring))))

    def test_weights_are_looked_at_anew_when_asked(self):
        teachers = toy_teachers()
        wiring = Wiring(toy_student(), teachers, [mtkd.LogitDistillation()])
        data = attach_features([1.0], dict.fromkeys(marked_keys(wiring)))
        kernel = teachers["a"].get_layer("hidden").kernel
        kernel.assign(kernel + 1.0)
        wiring.expect_features(data, again=False)
        with pytest.raises(ValueError, match="as they are now"):
            wiring.expect_features(data)


class TestRefusals:
    def build(self, *ways, teachers=None):
        return mtkd.MultiTaskDistiller(toy_student(), teachers or teachers_of_toys(), ways)

    def test_task_the_student_does_not_have(self):
        with pytest.raises(ValueError, match=r"names the task 'c'.*\['a', 'b'\]"):
            self.build(mtkd.LogitDistillation(tasks=["c"]))
        with pytest.raises(ValueError, match=r"names the task 'c'"):
            self.build(mtkd.LogitDistillation(weight={"c": 1.0}))

    def test_task_without_teacher(self):
        with pytest.raises(ValueError, match=r"names the task 'b', which has no teacher.*\['a'\]"):
            self.build(mtkd.LogitDistillation(tasks=["b"]), teachers={"a": toy_model(("a",))})

    def test_two_of_the_same_name(self):
        with pytest.raises(ValueError, match="Two distillations are called 'features'"):
            self.build(mtkd.FeatureDistillation("features"), mtkd.FeatureDistillation("features"))

    def test_something_else(self):
        with pytest.raises(TypeError, match="Received: 'features' of type str"):
            mtkd.MultiTaskDistiller(toy_student(), teachers_of_toys(), ["features"])

    def test_teachers_that_a_way_names(self):
        with pytest.raises(ValueError, match=r"has the teacher of task 'a'. Pass `teacher='a'`"):
            teachers = teachers_of_toys()
            way = mtkd.CrossTaskDistillation(teachers["a"], [[1.0]] * 3, "b")
            Wiring(toy_student(), teachers, [way])

    def test_the_source_of_a_task_is_another(self):
        way = mtkd.DistributionMatching(mtkd.LabelCoupling([[1.0, 0.0, 0.0]] * 3), "a", "a")
        with pytest.raises(ValueError, match=r"has the source 'a'.*another task.*\['b'\]"):
            Wiring(toy_student(), {}, [way])

    def test_whose_tap_does_not_exist(self):
        way = mtkd.FeatureDistillation("features", "nowhere")
        with pytest.raises(ValueError, match=r"Teacher of \['a'\]: There is no layer 'nowhere'"):
            Wiring(toy_student(), teachers_of_toys(), [way])
        way = mtkd.FeatureDistillation("nowhere", "features")
        with pytest.raises(ValueError, match="Student: There is no layer 'nowhere'"):
            Wiring(toy_student(), teachers_of_toys(), [way])

    def test_whose_layer_the_map_does_not_tell(self):
        teachers = {"a": toy_model(("a",)), "b": renamed()}
        said = (
            r"Teacher of \['b'\]: There is no layer 'features'.* Distillation 'features': tasks "
            r"left out of the map `teacher_layer` use 'features', the student's layer. Add 'b' to "
            r"the map, or pass `tasks=\['a'\]`."
        )
        way = mtkd.FeatureDistillation("features", {"a": "hidden"})
        with pytest.raises(ValueError, match=said):
            Wiring(toy_student(), teachers, [way])
        # A map that names a layer in vain is another mistake.
        way = mtkd.FeatureDistillation("features", {"a": "hidden", "b": "nowhere"})
        with pytest.raises(ValueError, match="There is no layer 'nowhere'") as told:
            Wiring(toy_student(), teachers, [way])
        assert "left out" not in str(told.value)


def renamed():
    """A teacher of "b" without a layer of the student's name."""
    inputs = keras.Input((6,))
    hidden = keras.layers.Dense(3, name="own")(inputs)
    return keras.Model(inputs, {"b": keras.layers.Dense(1)(hidden)})


class Own(keras.Model):
    """A teacher without a graph, never called."""

    def __init__(self, units=3, of=None):
        super().__init__()
        self.dense, self.of = keras.layers.Dense(units), of

    def call(self, x):
        return self.dense(x if self.of is None else x[self.of])


def student_of(name=None):
    inputs = keras.Input((6,), name=name)
    return keras.Model(inputs, {"a": keras.layers.Dense(3)(inputs)})


class TestSubclassedTeachers:
    ways = (mtkd.LogitDistillation(),)

    def test_are_built_for_the_students_inputs(self):
        teacher = Own()
        Wiring(student_of(), {"a": teacher}, self.ways)
        assert teacher.dense.kernel.shape == (6, 3)

    def test_of_other_inputs_are_refused_with_their_task(self):
        teacher = Own()
        teacher(np.zeros((1, 5)))
        with pytest.raises(ValueError, match=r"of \['a'\].*shape \(6,\).*built for.*\(5,\)"):
            Wiring(student_of(), {"a": teacher}, self.ways)

    def test_of_other_predictions_are_refused(self):
        with pytest.raises(ValueError, match=r"gives.*\(None, 3\), its teacher \(None, 4\)"):
            Wiring(student_of(), {"a": Own(4)}, self.ways)

    def test_meet_inputs_with_names_when_the_data_is_there(self):
        data = {"one": np.zeros((2, 6)), "two": np.zeros((2, 5))}
        teacher = Own(of="two")
        Wiring(student_of("one"), {"a": teacher}, self.ways).expect_features(data)
        assert teacher.dense.kernel.shape == (5, 3)
        wiring = Wiring(student_of("one"), {"a": Own()}, self.ways)
        with pytest.raises(ValueError, match=r"of \['a'\].*keras.Input\(\(6,\), name='one'\)"):
            wiring.expect_features(data)
        wiring.expect_features(iter([data]))  # read only once: left to the step
