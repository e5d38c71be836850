"""What is public: listed in `__all__`, documented, registered for saving."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import documents
import keras
import pytest

import keras_mtkd
from keras_mtkd._backend.export import PUBLIC_NAMES

MODULES = [
    importlib.import_module(info.name)
    for info in pkgutil.walk_packages(keras_mtkd.__path__, "keras_mtkd.")
    if not info.name.endswith("__main__")
]
ROOT = Path(keras_mtkd.__file__).parent
CHANGELOG = (documents.ROOT / "CHANGELOG.md").read_text("utf-8")
# In its tables: names that a room no longer has, `room.name`.
OLD_NAMES = re.findall(r"^\| `([a-z]+\.\w+)` \|", CHANGELOG, re.MULTILINE)
# Not public, but in files.
SAVED = {
    "FrozenTeacher": "layers.frozen_teacher",
    "FunctionLoss": "losses.function_loss",
    "GradientAggregator": "layers.gradient_aggregator",
    "GradientBalancer": "layers.gradient_balancer",
    "Hierarchical": "balancing._hierarchical",
    "HierarchicalWeighting": "balancing._hierarchical",
    "LossWeights": "layers.loss_weights",
    "ParameterAggregator": "layers.parameter_aggregator",
    "Recorded": "balancing.aggregation.recorded",
    "RotatingBalancer": "layers.rotating_balancer",
    "UnitVectors": "layers.unit_vectors",
}


def resolve(name):
    value = keras_mtkd
    for part in name.split(".")[1:]:
        value = getattr(value, part)
    return value


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_recorded_names_lead_to_their_objects(name):
    assert resolve(name) is PUBLIC_NAMES[name]
    parent = name.rpartition(".")[0]
    assert name.rpartition(".")[2] in resolve(parent).__all__


ROOMS = [value for value in vars(keras_mtkd).values() if inspect.ismodule(value)]


def test_what_rooms_list_is_recorded():
    for room in [keras_mtkd, *(room for room in ROOMS if hasattr(room, "__all__"))]:
        for name in room.__all__:
            value = getattr(room, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                recorded = f"{room.__name__}.{name}" in PUBLIC_NAMES
                assert recorded or value in PUBLIC_NAMES.values(), f"{room.__name__}.{name}"


@pytest.mark.parametrize("module", [keras_mtkd, *MODULES], ids=lambda module: module.__name__)
def test_all_names_exist_and_are_documented(module):
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), f"{module.__name__}.{name}"


@pytest.mark.parametrize(
    "cls", [thing for thing in PUBLIC_NAMES.values() if hasattr(thing, "get_config")]
)
def test_public_classes_are_registered_for_saving(cls):
    assert keras.saving.get_registered_name(cls) == f"keras_mtkd>{cls.__name__}"


@pytest.mark.parametrize("name", SAVED)
def test_what_is_not_public_is_registered_for_saving(name):
    module = importlib.import_module(f"keras_mtkd.{SAVED[name]}")
    assert keras.saving.get_registered_object(f"keras_mtkd>{name}") is getattr(module, name)


@pytest.mark.parametrize("name", OLD_NAMES)
def test_old_names_tell_what_to_write_instead(name):
    path, old = name.split(".")
    room = getattr(keras_mtkd, path)
    with pytest.raises(AttributeError, match=rf"^`keras_mtkd\.{name}` is no longer there: \w+"):
        getattr(room, old)
    assert old not in dir(room)
    assert set(room.__all__) <= set(dir(room))


def test_the_package_shows_what_is_public_and_no_more():
    assert dir(keras_mtkd) == sorted(keras_mtkd.__all__)


def test_no_tensorflow_in_the_sources():
    for path in ROOT.rglob("*.py"):
        text = path.read_text("utf-8")
        # Gradients, replicas, and data that only TensorFlow's own package loads.
        if path.name in ("autodiff.py", "replicas.py", "nyuv2_tfds.py", "_tf_data.py"):
            continue
        assert "import tensorflow" not in text, path
        assert "tf." not in text.replace("tf.data", "").replace("tf.distribute", ""), path


def test_importing_needs_no_optional_package():
    blocked = ("pandas", "matplotlib", "sklearn", "typer", "scipy", "keras_tuner", "optuna")
    code = (
        f"import sys, keras; sys.modules.update(dict.fromkeys({blocked})); import keras_mtkd\n"
        "keras_mtkd.tuning.search_space, keras_mtkd.tuning.new_distiller"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
