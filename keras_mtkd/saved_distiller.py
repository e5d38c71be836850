"""How a distiller is written to a `.keras` or weights file and read again."""

from typing import Any

import keras

from keras_mtkd._modes import forget_defaults
from keras_mtkd.frozen_teachers_model import FrozenTeachersModel
from keras_mtkd.plan import Plan
from keras_mtkd.student_model import StudentModel


class SavedDistiller(StudentModel, FrozenTeachersModel):
    """The methods by which Keras saves and loads a `MultiTaskDistiller`."""

    _plan: Plan

    def get_config(self) -> dict[str, Any]:
        distinct = self._plan.distinct_teachers
        pack = keras.saving.serialize_keras_object
        return {
            "student": pack(self.student),
            "teacher_models": [pack(model) for model in distinct],
            "teachers": {
                task: next(i for i, other in enumerate(distinct) if other is model)
                for task, model in self._plan.teachers.items()
            },
            "distillation": [pack(way) for way in self._plan.distillations],
            "task_weights": self._plan.task_weights,
            "balancing": pack(self._plan.balancing),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        def unpack(value: Any) -> Any:
            return keras.saving.deserialize_keras_object(value, custom_objects=custom_objects)

        def unpack_model(value: Any) -> keras.Model:
            # Here and not with a warning in the constructor: files of Keras 3.15 cannot do else.
            model = unpack(value)
            forget_defaults(model)
            return model

        models = [unpack_model(model) for model in config["teacher_models"]]
        arguments = {
            "student": unpack_model(config["student"]),
            "teachers": {task: models[i] for task, i in config["teachers"].items()},
            "distillation": [unpack(way) for way in config["distillation"]],
            "task_weights": config["task_weights"],
            "balancing": unpack(config.get("balancing")),
            "name": config["name"],
        }
        return cls(**arguments)
