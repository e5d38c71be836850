"""Code that brings a teacher's predictions to the student's positions, and works."""

import re

import keras
import pytest

from keras_mtkd._graph.resizing import positions_remedy


@pytest.mark.parametrize(
    ("student", "teacher", "layer"),
    [
        ((None, 16, 16, 2), (None, 32, 32, 2), "AveragePooling2D(2)"),
        ((None, 16, 16, 2), (None, 32, 48, 2), "AveragePooling2D((2, 3))"),
        ((None, 16, 16, 2), (None, 24, 24, 2), "Resizing(16, 16)"),
        ((None, 16, 16, 2), (None, 8, 8, 2), "Resizing(16, 16)"),
        ((None, 5, 3), (None, 10, 3), "AveragePooling1D(2)"),
        ((None, 10, 3), (None, 5, 3), "UpSampling1D(2)"),
    ],
)
def test_the_code_gives_the_students_shape(student, teacher, layer):
    told = positions_remedy(student, teacher, "mask")
    assert layer in told
    assert "t.output['mask']" in told
    t = keras.Sequential([keras.Input(teacher[1:]), keras.layers.Activation("softmax")])
    code = re.search(r"`(keras\.Model.*?)`", told).group(1)
    assert eval(code, {"keras": keras, "t": t}).output_shape == student


@pytest.mark.parametrize(
    ("student", "teacher"),
    [
        ((None, 2), (None, 3)),
        ((None, 16, 16, 2), (None, 32, 32, 3)),
        ((None, 16, 16, 2), (None, 16, 16, 3)),
        ((None, None, None, 2), (None, 32, 32, 2)),
        ((None, 16, 16, 2), (None, 2)),
        ((None, 7, 3), (None, 5, 3)),
    ],
)
def test_where_no_layer_helps_nothing_is_said(student, teacher):
    assert positions_remedy(student, teacher, "mask") == ""
