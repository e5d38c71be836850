"""What a term compares, against the same in NumPy."""

import functools

import keras
import numpy as np
import pytest
from helpers import toy_losses, toy_model, toy_teachers
from keras import ops

import keras_mtkd as mtkd
from keras_mtkd._data.cached_features import feature_key
from keras_mtkd.distillation.training_step import TrainingStep
from keras_mtkd.distillers.terms import TeacherBranch, Term
from keras_mtkd.layers.frozen_teacher import FrozenTeacher
from keras_mtkd.losses.task_losses import TaskLosses

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")

GENERATOR = np.random.default_rng(0)
# Nothing here changes the student.
toy_student = functools.cache(toy_model)
LOSSES = TaskLosses(toy_losses(), ["a", "b"])


def drawn(*shape):
    return GENERATOR.normal(size=shape).astype("float32")


def step(weight=None, features=None, **predictions):
    given = {} if weight is None else dict.fromkeys(predictions, weight)
    return TrainingStep(drawn(4, 6), {}, predictions, given, LOSSES, features)


def feature_term(task="a", ours=5, theirs=3, **settings):
    term = Term(task, mtkd.FeatureDistillation("s", "t", loss="mse", **settings))
    term.connect({"s": (None, ours)}, {"t": (None, theirs)})
    term.compile(toy_student(), LOSSES, None)
    return term


class TestFeatures:
    def test_adaptor_and_projector_are_layers_of_the_term(self):
        term = feature_term(projector="linear")
        assert list(term.layers) == ["a/s", "a/s/projector"]
        assert tuple(term.adaptor.weights[0].shape) == (5, 3)
        assert feature_term(adaptor=None, ours=3).layers == {}

    def test_distance_from_adapted_to_projected(self):
        term = feature_term(projector="linear")
        mine, theirs = drawn(4, 5), drawn(4, 3)
        adapted = term.adapted({}, {"s": mine}, None)
        found = float(term.measure(adapted, None, {"t": theirs}, step(a=drawn(4, 3))))
        ours, target = (
            values @ np.array(layer.weights[0])
            for values, layer in ((mine, term.adaptor), (theirs, term.projector))
        )
        assert found == pytest.approx(np.mean((ours - target) ** 2), rel=1e-4)

    def test_a_sample_of_no_weight_does_not_count(self):
        term = feature_term(adaptor=None, ours=3)
        mine, theirs = drawn(4, 3), drawn(4, 3)
        weight = np.array([2.0, 0.0, 1.0, 1.0], "float32")
        found = float(term.measure(mine, None, {"t": theirs}, step(weight, a=mine)))
        assert found == pytest.approx(np.mean(weight * np.mean((mine - theirs) ** 2, -1)), rel=1e-5)

    def test_weights_of_positions_that_a_feature_lacks_become_one_a_sample(self):
        """Four positions of predictions, three of the feature."""
        term = Term("a", mtkd.FeatureDistillation("s", "t", loss="mse", adaptor=None))
        term.connect({"s": (None, 3, 2)}, {"t": (None, 3, 2)})
        term.compile(toy_student(), LOSSES, None)
        mine, theirs = drawn(2, 3, 2), drawn(2, 3, 2)
        weight = np.array([[1.0, 0.0, 1.0, 0.0], [2.0, 2.0, 2.0, 2.0]], "float32")
        found = float(term.measure(mine, None, {"t": theirs}, step(weight, a=mine)))
        squares = np.mean((mine - theirs) ** 2, -1)
        assert found == pytest.approx(np.mean([[0.5], [2.0]] * squares), rel=1e-5)

    @pytest.mark.parametrize(
        ("weighed", "tapped"),
        [((2, 3), (2, 3)), ((2, 4), (2, 4, 4, 3)), ((2, 4, 4), (2, 4, 3))],
        ids=["entries of the head", "tokens and a map", "a map and tokens"],
    )
    def test_weights_of_other_positions_of_the_same_number_do_too(self, weighed, tapped):
        """By their shapes alone they would be entries, rows or places of the feature."""
        term = Term("a", mtkd.FeatureDistillation("s", "t", loss="mse", adaptor=None))
        shape = (None, *tapped[1:])
        term.connect({"s": shape}, {"t": shape})
        term.compile(toy_student(), LOSSES, None)
        mine, theirs, weight = drawn(*tapped), drawn(*tapped), np.abs(drawn(*weighed))
        found = float(term.measure(mine, None, {"t": theirs}, step(weight, a=mine)))
        squares = np.mean(((mine - theirs) ** 2).reshape(2, -1), -1)
        expected = np.mean(weight.reshape(2, -1).mean(-1) * squares)
        assert found == pytest.approx(expected, rel=1e-5)

    def test_maps_are_averaged_to_the_resolution_of_kept_ones(self):
        term = Term("a", mtkd.FeatureDistillation("s", "t", loss="mse"))
        term.connect({"s": (None, 4, 4, 2)}, {"t": (None, 4, 4, 2)})
        mine, kept = drawn(1, 4, 4, 2), drawn(1, 2, 2, 2)
        adapted = np.array(term.adapted({}, {"s": mine}, kept))
        means = mine.reshape(1, 2, 2, 2, 2, 2).mean(axis=(2, 4))
        expected = means @ np.array(term.adaptor.weights[0]).reshape(2, 2)
        np.testing.assert_allclose(adapted, expected, rtol=1e-4, atol=1e-5)

    def test_positions_that_differ_are_refused(self):
        term = Term("a", mtkd.FeatureDistillation("s", "t"))
        with pytest.raises(ValueError, match="Task 'a'"):
            term.connect({"s": (None, 4, 4, 2)}, {"t": (None, 5, 5, 2)})


class TestPredictions:
    def test_of_the_teacher_in_the_form_of_the_student(self):
        inputs = keras.Input((6,))
        teacher = keras.Model(inputs, {"a": keras.layers.Dense(3, "softmax")(inputs)})
        term = Term("a", mtkd.LogitDistillation(temperature=1.0, loss="kl"))
        term.compile(toy_student(), LOSSES, teacher)
        logits, other = drawn(4, 3), drawn(4, 3)
        shares = ops.softmax(logits)
        same = float(term.measure(logits, {"a": shares}, {}, step(a=logits)))
        assert same == pytest.approx(0.0, abs=1e-5)
        p, q = (np.array(ops.softmax(each), "float64") for each in (logits, other))
        found = float(term.measure(other, {"a": shares}, {}, step(a=other)))
        expected = np.mean(np.sum(p * np.log(p / q), axis=-1))
        assert found == pytest.approx(expected, rel=1e-4)
        assert (term.head.kind, term.head.from_logits) == ("class", True)

    def test_a_head_that_is_not_what_its_loss_takes_is_what_it_is(self):
        inputs = keras.Input((6,))
        student = keras.Model(inputs, {"a": keras.layers.Dense(3, "softmax")(inputs)})
        term = Term("a", mtkd.LogitDistillation())
        term.compile(student, LOSSES, toy_model(("a",)))
        assert term.head.from_logits is False

    def test_who_teaches_which_task(self):
        cross = mtkd.CrossTaskDistillation("b", [[1.0] * 3], "a")
        matching = mtkd.DistributionMatching(mtkd.LabelCoupling([[1.0]] * 3), "a", "b")
        terms = [Term("a", cross), Term("b", matching), Term("b", mtkd.LogitDistillation())]
        assert [term.teacher_task for term in terms] == ["b", "a", "b"]

    def test_key_and_weight(self):
        term = Term("b", mtkd.LogitDistillation(weight={"b": 3.0}, name="soft"))
        assert (term.key, term.weight) == ("b/soft", 3.0)


def branch(teacher=None, *ways):
    """The teacher of "b", by its feature and by its prediction."""
    ways = ways or (
        mtkd.FeatureDistillation("features", loss="mse", adaptor=None),
        mtkd.LogitDistillation(),
    )
    teacher = teacher or toy_teachers(8)["b"]
    made = TeacherBranch("b", FrozenTeacher(teacher, ("features",)), [Term("b", w) for w in ways])
    for term in made.terms:
        term.connect({"features": (None, 8)}, {"features": (None, 8)})
    made.compile(toy_student(), LOSSES)
    return made


class TestBranch:
    def adapted(self):
        return {"b/features": ops.convert_to_tensor(drawn(4, 8)), "b/logits": drawn(4, 1)}

    def test_distances_of_all_terms(self):
        made, adapted = branch(), self.adapted()
        given = step(b=adapted["b/logits"])
        outputs, taps = made.teacher(given.x)
        found = np.array(made.teach(given, adapted, ops.convert_to_tensor(True)))
        expected = [
            np.mean((np.array(mine) - np.array(theirs)) ** 2)
            for mine, theirs in zip(adapted.values(), (taps["features"], outputs["b"]), strict=True)
        ]
        np.testing.assert_allclose(found, expected, rtol=1e-4)

    def test_zeros_when_it_rests_even_if_something_is_not_finite(self):
        made, adapted = branch(), self.adapted()
        adapted["b/logits"] = np.full((4, 1), np.nan, "float32")
        given = step(b=adapted["b/logits"])
        found = np.array(made.teach(given, adapted, ops.convert_to_tensor(False)))
        assert found.tolist() == [0.0, 0.0]

    def test_the_students_own_head_is_not_moved_by_teaching(self):
        way = mtkd.DistributionMatching(mtkd.LabelCoupling([[1.0]] * 3), "a", "b")
        made = TeacherBranch("own", None, [Term("b", way)])
        assert made.keys() == {}
        assert list(made.features(None)) == []
        made.mark()
        assert made.fingerprint is None

    def test_features_that_come_with_a_batch_stand_in_for_the_teacher(self):
        made, adapted = branch(), self.adapted()
        given = step(b=adapted["b/logits"])
        made.mark()
        brought = {key: tensor for key, _, tensor in made.features(given.x)}
        expected = np.array(made.teach(given, adapted, ops.convert_to_tensor(True)))
        cached = TrainingStep(None, {}, given.y_pred, {}, LOSSES, brought)
        found = np.array(made.teach(cached, adapted, ops.convert_to_tensor(True)))
        np.testing.assert_allclose(found, expected, rtol=1e-5)
        brought.popitem()
        with pytest.raises(ValueError, match="Missing:"):
            made.teach(cached, adapted, ops.convert_to_tensor(True))

    def test_names_of_features_tell_the_weights_of_the_teacher(self):
        teacher = toy_teachers(8)["b"]
        made = branch(teacher)
        made.mark()
        first = made.keys()
        assert first == {
            feature_key("b", made.fingerprint, "features", "b"): ("features", "b"),
            feature_key("b", made.fingerprint, None, "b"): (None, "b"),
        }
        teacher.layers[-1].bias.assign([1.0])
        made.mark()
        assert not set(made.keys()) & set(first)

    def test_the_students_side_of_every_term(self):
        made = branch()
        outputs, taps = {"b": drawn(4, 1)}, {"features": drawn(4, 8)}
        found = dict(made.adapted(lambda task: (outputs, taps), None))
        assert found["b/features"] is taps["features"]
        assert found["b/logits"] is outputs["b"]
        assert made.tasks == ["b"]
