import keras
import pytest
from helpers import toy_model

from keras_mtkd.distillers.frozen_teachers import FrozenTeachersModel
from keras_mtkd.layers.frozen_teacher import FrozenTeacher

pytestmark = pytest.mark.usefixtures("numpy_draws_weights")


class Pupil(FrozenTeachersModel):
    def __init__(self, student, teachers):
        super().__init__()
        self.student = student
        self.frozen_teachers = [FrozenTeacher(teacher) for teacher in teachers]


def ids(variables):
    return {id(variable) for variable in variables}


def test_all_of_teachers_counts_as_not_trainable():
    student, teacher = toy_model(batch_norm=True), toy_model(("a",), 5, batch_norm=True)
    model = Pupil(student, [teacher])
    assert ids(model.trainable_variables) == ids(student.trainable_variables)
    assert ids(model.trainable_weights) == ids(student.trainable_weights)
    others = ids(student.non_trainable_variables) | ids(teacher.variables)
    assert ids(model.non_trainable_variables) == others
    assert ids(model.non_trainable_weights) == ids(student.non_trainable_weights) | ids(
        teacher.weights
    )


def test_flags_of_teachers_stay():
    teacher = toy_model(("a",), 5)
    Pupil(toy_model(), [teacher])
    assert all(variable.trainable for variable in teacher.variables)
    assert teacher.trainable


def test_a_model_without_teachers_is_a_plain_one():
    class Plain(FrozenTeachersModel):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(2)
            self.dense.build((None, 3))

    model = Plain()
    assert len(model.trainable_variables) == 2
    assert model.non_trainable_variables == []
