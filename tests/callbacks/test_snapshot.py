"""What a trial leaves behind can be taken back."""

from types import SimpleNamespace

import keras
import numpy as np

from keras_mtkd.callbacks._snapshot import Snapshot


def test_student_adaptors_and_optimiser_come_back():
    student, adaptor = keras.layers.BatchNormalization(), keras.layers.Dense(1)
    for layer in (student, adaptor):
        layer.build((None, 2))
    optimizer = keras.optimizers.SGD(0.5, momentum=0.9)
    trained = [*student.trainable_variables, *adaptor.trainable_variables]
    optimizer.build(trained)
    distiller = SimpleNamespace(student=student, adaptors={"a": adaptor}, optimizer=optimizer)
    everything = [*student.variables, *adaptor.variables, *optimizer.variables]
    before = [np.array(variable) for variable in everything]
    snapshot = Snapshot(distiller)
    optimizer.apply([np.ones(v.shape, "float32") for v in trained], trained)
    student.moving_mean.assign([3.0, 4.0])
    assert int(optimizer.iterations) == 1
    snapshot.restore()
    for variable, value in zip(everything, before, strict=True):
        np.testing.assert_array_equal(variable, value, err_msg=variable.path)
    assert int(optimizer.iterations) == 0


def test_it_can_be_taken_back_to_twice():
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    layer.build((None, 1))
    optimizer = keras.optimizers.SGD()
    optimizer.build(layer.trainable_variables)
    snapshot = Snapshot(SimpleNamespace(student=layer, adaptors={}, optimizer=optimizer))
    for value in (5.0, 7.0):
        layer.kernel.assign([[value]])
        snapshot.restore()
        assert np.array(layer.kernel).item() == 1.0
