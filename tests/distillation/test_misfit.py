"""The error of features that do not fit says what differs, and what it advises works."""

import re

import keras
import pytest

import keras_mtkd as mtkd
from keras_mtkd.distillation._misfit import misfit


def way(**arguments):
    return mtkd.FeatureDistillation("x", **arguments)


def connected(way, student, teacher):
    """The shape of the adapted student's side, as `Term.connect` finds out."""

    def after(layer, shape):
        return shape if layer is None else tuple(layer.compute_output_shape(shape))

    student = after(way.adaptor("a", student, teacher), student)
    teacher = after(way.projector("a", student, teacher), teacher)
    way.check_shapes("a", student, teacher)
    return student


@pytest.mark.parametrize(
    ("student", "teacher", "differs"),
    [
        ((None, 8), (None, 5), r"channels differ, 8 and 5. Use adaptor='linear'"),
        ((None, 4, 4, 8), (None, 4, 4, 5), r"channels differ, 8 and 5"),
        ((None, None, None, 8), (None, 4, 4, 5), r"channels differ, 8 and 5"),
        ((None, 4, 4, 5), (None, 8, 8, 5), r"positions differ, \(4, 4\) and \(8, 8\)"),
        ((None, 4, 4, 8), (None, 8, 8, 5), r"positions differ, \(4, 4\) and \(8, 8\)"),
        ((None, 7, 5), (None, 9, 5), r"positions differ, \(7,\) and \(9,\).*`UpSampling1D`"),
        ((None, 4, 4, 5), (None, 5), r"the teacher's is a vector.*GlobalAveragePooling2D"),
        ((None, 5), (None, 7, 5), r"the student's is a vector.*GlobalAveragePooling1D"),
    ],
)
def test_what_differs_is_named(student, teacher, differs):
    found = misfit(student, teacher)
    assert re.search(differs, found)
    assert ("adaptor='linear'" in found) == ("channels differ" in differs)


@pytest.mark.parametrize("loss", ["normalized_l2", "mse"])
@pytest.mark.parametrize(
    ("student", "teacher"),
    [
        ((None, 8, 8, 2), (None, 4, 4, 3)),
        ((None, 4, 4, 2), (None, 8, 8, 3)),
        ((None, 4, 4, 2), (None, 3)),
        ((None, 7, 2), (None, 3)),
    ],
)
def test_the_advice_works(student, teacher, loss):
    """Whether the adaptor is linear or one of the user's with the right channels."""
    for adaptor in ("linear", keras.layers.Dense(3)):
        with pytest.raises(ValueError, match=re.escape(misfit(student, teacher)[-60:])) as error:
            connected(way(adaptor=adaptor, loss=loss), student, teacher)
    advice = re.search(r"`(adaptor=.*?)`\.", str(error.value)).group(1)
    advised = eval(f"dict({advice})", {"keras": keras})
    assert connected(way(loss=loss, **advised), student, teacher) == teacher


def test_a_teachers_map_for_a_students_vector():
    with pytest.raises(ValueError, match=r"`projector=keras.layers.GlobalAveragePooling2D\(\)`"):
        connected(way(), (None, 2), (None, 4, 4, 3))
    pooled = way(adaptor=keras.layers.Dense(3), projector=keras.layers.GlobalAveragePooling2D())
    assert connected(pooled, (None, 2), (None, 4, 4, 3)) == (None, 3)


def test_rows_of_other_lengths_are_refused_too():
    rows = way(loss="log_sum", adaptor=None)
    for student, teacher in (((None, 8), (None, 5)), ((None, 4, 4, 3), (None, 5, 5, 3))):
        with pytest.raises(ValueError, match=re.escape(misfit(student, teacher))):
            connected(rows, student, teacher)
    connected(rows, (None, 4, 4, 3), (None, 48))  # each sample is one row
    connected(rows, (None, None, 3), (None, 7, 3))


def test_distances_of_any_shapes_take_any():
    own = mtkd.losses.CKALoss()
    assert connected(way(adaptor=keras.layers.Dense(3), loss=own), (None, 4, 2), (None, 5, 3))
