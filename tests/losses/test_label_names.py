"""Labels and weights under names that no head has."""

import numpy as np
import pytest
from helpers import SAMPLES, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.losses.label_names import check_label_names, check_names, tell_of_others

HEADS = ["digit", "place", "mask"]
ONE = np.ones(4)


@pytest.mark.parametrize(
    ("name", "near"),
    [("digits", "digit"), ("Digit", "digit"), ("DIGIT", "digit"), ("palce", "place")],
)
@pytest.mark.parametrize("taught", [(), HEADS, None], ids=["untaught", "taught", "judged"])
def test_labels_of_almost_the_name_of_a_head_without_labels_are_refused(name, near, taught):
    y = {task: ONE for task in HEADS if task != near} | {name: ONE}
    with pytest.raises(ValueError, match=rf"'{name}'.*none for '{near}': did you mean '{near}'\?"):
        check_names(HEADS, y, None, taught)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("digit_1", "digit_2"),
        ("task_a", "task_b"),
        ("left_parity", "right_parity"),
        ("depth", "depth_mask"),
        ("mask", "task"),
    ],
)
def test_names_of_something_else_are_no_mistakes(head, name):
    check_label_names([head, "other"], {name: ONE, "other": ONE})


def test_so_are_sample_weights():
    y = dict.fromkeys(HEADS, ONE)
    with pytest.raises(ValueError, match=r"sample weights for 'masks'.*did you mean 'mask'\?"):
        check_label_names(HEADS, y, {"masks": ONE})


def test_more_labels_than_heads_are_nothing_to_tell():
    y = dict.fromkeys([*HEADS, "digits", "colour"], ONE)
    for weights in (None, ONE, dict.fromkeys(y, ONE), {"digits": ONE}):
        check_names(HEADS, y, weights, ())
        tell_of_others(HEADS, y, weights)
    check_names(HEADS, {**y, "digit": None, "digits": None}, None, HEADS)


def test_a_word_where_a_head_has_no_labels_and_labels_have_no_head():
    y = {"place": ONE, "mask": ONE, "ziffer": ONE}
    check_names(HEADS, y, None, HEADS)
    with pytest.warns(UserWarning, match=r"\['ziffer'\] belong to no head.*\['digit'\] have no"):
        tell_of_others(HEADS, y)
    with pytest.warns(UserWarning, match=r"sample weights of \['ziffer'\] belong to no labels"):
        tell_of_others(HEADS, dict.fromkeys(HEADS, ONE), {"ziffer": ONE})


def test_all_names_that_came_are_told():
    y = {"place": ONE, "mask": ONE, "ziffer": ONE}
    with pytest.raises(ValueError, match=r"It has labels for: \['mask', 'place', 'ziffer'\]"):
        check_names(HEADS, y, None, ())
    with pytest.raises(ValueError, match=r"nothing to measure.*labels for: \['ziffer'\]"):
        check_names(HEADS, {"ziffer": ONE}, None, None)


@pytest.fixture(scope="module")
def taught():
    """A student whose heads are called otherwise than a letter."""
    student = toy_model()
    names = {"a": "kind", "b": "size"}
    outputs = {names[task]: output for task, output in student.output.items()}
    student = type(student)(student.input, outputs)
    teachers = {names[task]: teacher for task, teacher in toy_teachers().items()}
    teachers = {
        task: type(one)(one.input, {task: next(iter(one.output.values()))})
        for task, one in teachers.items()
    }
    model = mtkd.MultiTaskDistiller(student, teachers, [mtkd.LogitDistillation()])
    model.compile("sgd", loss={names[task]: loss for task, loss in toy_losses().items()})
    return model


def test_fit_and_evaluate_refuse_them_before_a_step(taught):
    x, y = toy_data()
    y = {"kinds": y["a"], "size": y["b"]}
    said = r"'kinds'.*did you mean 'kind'\?"
    with pytest.raises(ValueError, match=said):
        taught.fit(x, y, verbose=0)
    with pytest.raises(ValueError, match=rf"In the evaluation data: .*{said}"):
        taught.evaluate(x, y, verbose=0)
    right = {"kind": y["kinds"], "size": y["size"]}
    with pytest.raises(ValueError, match=rf"In the validation data: .*{said}"):
        taught.fit(x, right, validation_data=(x, y), verbose=0)
    with pytest.raises(ValueError, match=r"sample weights for 'sizes'"):
        taught.fit(x, right, sample_weight={"sizes": np.ones(SAMPLES)}, verbose=0)


def test_of_a_generator_the_step_looks_at_the_names(taught):
    x, y = toy_data()
    batches = iter([(x, {"kinds": y["a"], "size": y["b"]})] * 2)
    with pytest.raises(ValueError, match=r"'kinds'.*did you mean 'kind'\?"):
        taught.fit((batch for batch in batches), verbose=0, shuffle=False)
