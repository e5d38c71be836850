"""A model that holds teachers without training them or touching their flags."""

import keras

from keras_mtkd.layers.frozen_teacher import FrozenTeacher


class FrozenTeachersModel(keras.Model):
    """Counts every variable of its `frozen_teachers` as non-trainable.

    The variables keep the `trainable` flags that their owner gave them, so Keras, which goes by
    the flags, cannot make the division.
    """

    frozen_teachers: list[FrozenTeacher]

    def _theirs(self) -> set[int]:
        teachers = getattr(self, "frozen_teachers", ())
        return {id(variable) for teacher in teachers for variable in teacher.variables}

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        theirs = self._theirs()
        return [v for v in super().trainable_variables if id(v) not in theirs]

    @property
    def non_trainable_variables(self) -> list[keras.Variable]:
        trained = {id(variable) for variable in self.trainable_variables}
        return [v for v in self.variables if id(v) not in trained]

    @property
    def trainable_weights(self) -> list[keras.Variable]:
        theirs = self._theirs()
        return [v for v in super().trainable_weights if id(v) not in theirs]

    @property
    def non_trainable_weights(self) -> list[keras.Variable]:
        trained = {id(variable) for variable in self.trainable_weights}
        return [v for v in self.weights if id(v) not in trained]
