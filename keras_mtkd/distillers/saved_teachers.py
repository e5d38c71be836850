"""How teachers are written to a distiller's file and read again: each once, as it came."""

from collections.abc import Callable, Mapping
from typing import Any

import keras

from keras_mtkd._graph.modes import forget_defaults


def pack_teachers(teachers: Mapping[str, keras.Model]) -> dict[str, Any]:
    """The entries of a config.

    Args:
        teachers: `{task: model}`.
    """
    distinct = list({id(model): model for model in teachers.values()}.values())
    return {
        "teacher_models": [_packed(model) for model in distinct],
        "compiled_teachers": [_compilation(model) for model in distinct],
        "teachers": {
            task: next(i for i, other in enumerate(distinct) if other is model)
            for task, model in teachers.items()
        },
    }


def unpack_teachers(
    config: Mapping[str, Any], unpack: Callable[[Any], Any]
) -> dict[str, keras.Model]:
    """The teachers of a config, `{task: model}`.

    Args:
        config: With the entries of `pack_teachers`; files of before may lack compilations.
        unpack: Makes objects of configs.
    """
    models = [unpack(model) for model in config["teacher_models"]]
    compilations = config.get("compiled_teachers", [None] * len(models))
    for model, compilation in zip(models, compilations, strict=True):
        forget_defaults(model)
        if compilation:
            model.compile(**unpack(compilation))
    return {task: models[i] for task, i in config["teachers"].items()}


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
