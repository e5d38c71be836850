"""How a distiller is written to a `.keras` or weights file and read again."""

from typing import Any

import keras

from keras_mtkd._graph.modes import forget_defaults
from keras_mtkd.distillers.base import StudentModel
from keras_mtkd.distillers.frozen_teachers import FrozenTeachersModel
from keras_mtkd.distillers.wiring import Wiring


class SavedDistiller(StudentModel, FrozenTeachersModel):
    """The methods by which Keras saves and loads a `MultiTaskDistiller`."""

    _wiring: Wiring

    def __dir__(self) -> list[str]:
        # By these names Keras walks through what is saved: teachers are in `frozen_teachers`.
        return [name for name in super().__dir__() if name != "teachers"]

    def get_config(self) -> dict[str, Any]:
        distinct = self._wiring.distinct_teachers
        pack = keras.saving.serialize_keras_object
        return {
            "student": pack(self.student),
            "teacher_models": [_packed(model) for model in distinct],
            "compiled_teachers": [_compilation(model) for model in distinct],
            "teachers": {
                task: next(i for i, other in enumerate(distinct) if other is model)
                for task, model in self._wiring.teachers.items()
            },
            "distillation": [pack(way) for way in self._wiring.distillations],
            "task_weights": self._wiring.task_weights,
            "balancing": pack(self._wiring.balancing),
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
        compilations = config.get("compiled_teachers", [None] * len(models))
        for model, compilation in zip(models, compilations, strict=True):
            if compilation:
                model.compile(**unpack(compilation))
        arguments = {
            "student": unpack_model(config["student"]),
            "teachers": {task: models[i] for task, i in config["teachers"].items()},
            "distillation": [unpack(way) for way in config["distillation"]],
            "task_weights": config["task_weights"],
            "balancing": unpack(config.get("balancing")),
            "name": config["name"],
        }
        return cls(**arguments)


def _is_compiled_as_usual(model: keras.Model) -> bool:
    return model.compiled and type(model).compile is keras.Model.compile


def _packed(teacher: keras.Model) -> dict[str, Any]:
    """A teacher, without what `_compilation` gives: Keras builds an optimiser that it finds."""
    packed = keras.saving.serialize_keras_object(teacher)
    if _is_compiled_as_usual(teacher):
        packed.pop("compile_config", None)
    return packed


def _compilation(teacher: keras.Model) -> dict[str, Any] | None:
    """What a teacher was compiled with, which tells the form of its predictions."""
    return teacher.get_compile_config() if _is_compiled_as_usual(teacher) else None
