"""Whether methods can work with given models."""

import keras
import pytest

from experiments.comparing import SETTINGS, run, small_problem
from keras_mtkd import FeatureDistillation
from keras_mtkd.callbacks import SequentialDistillation, SimilarityGrouping
from keras_mtkd.experiments import METHODS, Method
from keras_mtkd.experiments.fitting_models import check_methods


def deep(layers, last="out"):
    hidden = inputs = keras.Input((6,), name="input")
    for number in range(layers):
        hidden = keras.layers.Dense(4, name=f"layer{number}")(hidden)
    return keras.Model(inputs, keras.layers.Dense(3, name=last)(hidden), name="deep")


def test_methods_that_tap_nothing_fit_any_teacher():
    problem = small_problem()
    teachers = {"a": deep(2), "b": problem.single("b")}
    check_methods([METHODS["uniform"], METHODS["logits"]], problem, teachers, SETTINGS)


def test_of_many_layers_the_last_are_told():
    problem = small_problem()
    with pytest.raises(ValueError, match="does not fit") as error:
        check_methods([METHODS["mtlkd"]], problem, {"a": deep(20)}, SETTINGS)
    told = next(line for line in str(error.value).splitlines() if "teacher of 'a':" in line)
    assert told.startswith("Layers of the teacher of 'a': 10 more, ..., 'layer9', ")
    assert told.endswith("'layer19', 'out'.")


def refused(teachers):
    with pytest.raises(ValueError, match="does not fit") as error:
        check_methods([METHODS["mtlkd"]], small_problem(), teachers, SETTINGS)
    # One traceback, that of the message.
    assert error.value.__suppress_context__
    assert error.value.__cause__ is None
    return [line for line in str(error.value).splitlines() if "the teacher" in line]


def test_layers_of_teachers_that_are_built_alike_are_told_once():
    """Alike but for the numbers that Keras counts on from model to model."""
    teachers = {"a": deep(1, "dense"), "b": deep(1, "dense_1")}
    assert refused(teachers) == [
        "Layers of the teachers of 'a', 'b': 'input', 'layer0', 'dense_*'."
    ]
    same = deep(1)
    assert refused({"a": same, "b": same}) == [
        "Layers of the teacher of 'a', 'b': 'input', 'layer0', 'out'."
    ]


def test_others_each_by_themselves():
    assert refused({"a": deep(1), "b": deep(2)}) == [
        "Layers of the teacher of 'a': 'input', 'layer0', 'out'.",
        "Layers of the teacher of 'b': 'input', 'layer0', 'layer1', 'out'.",
    ]


def test_what_a_function_of_the_users_raises_is_shown_as_well():
    method = Method("Mine", lambda problem, settings: int("one"))
    with pytest.raises(ValueError, match="does not fit.*invalid literal") as error:
        check_methods([method], small_problem(), {"a": deep(1)}, SETTINGS)
    assert isinstance(error.value.__cause__, ValueError)


def grouped(problem, teachers, settings, seed):
    return [SimilarityGrouping(), SequentialDistillation(seed=seed)]


def first_alone(problem, settings):
    return [FeatureDistillation("features", tasks=["a"])]


def test_callbacks_that_a_method_lacks_a_layer_for_are_told():
    problem = small_problem()
    teachers = {task: problem.single(task) for task in problem.tasks}
    mine = Method("Mine", first_alone, callbacks=grouped)
    with pytest.raises(ValueError, match=r"'Mine' does not fit.*`SimilarityGrouping`.*\['b'\]"):
        check_methods([mine], problem, teachers, SETTINGS)


def test_callbacks_that_need_trained_teachers_are_left_to_the_training():
    def evaluated(problem, teachers, settings, seed):
        raise RuntimeError("not trained")

    problem = small_problem()
    teachers = {task: problem.single(task) for task in problem.tasks}
    check_methods([Method("Mine", first_alone, callbacks=evaluated)], problem, teachers, SETTINGS)


def test_methods_of_ones_own_are_looked_at_before_any_training(monkeypatch):
    monkeypatch.delattr("keras_mtkd.experiments.trainings.train_teachers")
    with pytest.raises(ValueError, match="'Mine' does not fit"):
        run(methods=[Method("Mine", first_alone, callbacks=grouped)])
