"""Exported students, run by what serves them, answer as the student does."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from forward import answers, weights_of_numpy
from helpers import BACKEND, toy_data, toy_losses, toy_model

import keras_mtkd as mtkd
from keras_mtkd.layers.unit_vectors import UnitVectors

FORMATS = {"tf_saved_model": "student", "onnx": "student.onnx", "litert": "student.tflite"}
on_tensorflow = pytest.mark.skipif(BACKEND != "tensorflow", reason="Keras exports on TensorFlow")
ONNX = pytest.mark.extra("onnx", "tf2onnx", "onnxruntime")
LITERT = pytest.mark.extra("ai_edge_litert")
everywhere = pytest.param("tf_saved_model", id="saved_model")
EXPORTABLE = [
    everywhere,
    pytest.param("onnx", marks=[on_tensorflow, ONNX]),
    pytest.param("litert", marks=[on_tensorflow, LITERT]),
]
# The converters' own, none of which is about the student.
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def _weights_of_numpy():
    with weights_of_numpy():
        yield


def hard_sharing():
    return toy_model(batch_norm=True)


def own_layers():
    """A small student with every layer of ours that students have."""
    inputs = keras.Input((4, 4, 3), name="image")
    maxima, places = mtkd.layers.MaxPooling2DWithIndices()(inputs)
    maps = mtkd.layers.MaxUnpooling2D()(keras.layers.Dense(3)(maxima), places)
    enlarged = mtkd.layers.BilinearUpsampling2D()(maxima)
    one, other = mtkd.layers.CrossStitch()([maps, enlarged])
    mixed = mtkd.layers.ExpertMixture()(inputs, [one, other])
    outputs = {
        "normal": UnitVectors()(keras.layers.Dense(3)(mixed)),
        "depth": keras.layers.Dense(1)(other),
    }
    return keras.Model(inputs, outputs)


def tabular():
    inputs = keras.Input((6,))
    shared = keras.Model(inputs, keras.layers.Dense(8, "relu")(inputs))
    return shared, {"a": keras.layers.Dense(3), "b": keras.layers.Dense(1)}


def mmoe():
    return mtkd.models.mmoe(*tabular(), lambda: keras.layers.Dense(4, "relu"), experts=2)


def ple():
    return mtkd.models.ple(*tabular(), lambda: keras.layers.Dense(4, "relu"))


def cross_stitch():
    return mtkd.models.cross_stitch((6,), [lambda: keras.layers.Dense(4)], tabular()[1])


def dense(network):
    return network((16, 16, 3), {"semantic": 3, "normal": 3}, widths=(4, 4))


def segnet():
    return dense(mtkd.models.segnet)


def mtan():
    return dense(mtkd.models.mtan)


def with_lively_weights(model):
    """Weights, and statistics of batch normalisation, away from their zeros and ones."""
    generator = np.random.default_rng(0)
    for variable in model.variables:
        value = generator.normal(size=variable.shape)
        variable.assign(0.5 + abs(value) if "variance" in variable.name else value)
    return model


def exported(model, folder, kind, **options):
    path = str(folder / FORMATS[kind])
    model.export(path, format=kind, verbose=False, **options)
    return path


def served_answers(path, x):
    """`{output: value}` from whatever serves the file."""
    if path.endswith(".onnx"):
        import onnxruntime

        session = onnxruntime.InferenceSession(path)
        values = session.run(None, {session.get_inputs()[0].name: x})
        return {out.name: value for out, value in zip(session.get_outputs(), values, strict=True)}
    if path.endswith(".tflite"):
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(path)
        (name,) = interpreter.get_signature_list()["serving_default"]["inputs"]
        return interpreter.get_signature_runner()(**{name: x})
    import tensorflow as tf

    signature = tf.saved_model.load(path).signatures["serving_default"]
    (name,) = signature.structured_input_signature[1]
    return {out: value.numpy() for out, value in signature(**{name: tf.constant(x)}).items()}


def pictures(model, count):
    shape = (count, *model.input_shape[1:])
    return np.random.default_rng(count).normal(size=shape).astype("float32")


def check(model, path, tolerance=1e-4):
    for count in (1, 5):
        x = pictures(model, count)
        served = served_answers(path, x)
        assert set(served) == set(model.output)
        for task, expected in answers(model, x).items():
            assert count == 1 or np.ptp(expected) > 0
            scale = np.abs(expected).max()
            np.testing.assert_allclose(served[task] / scale, expected / scale, atol=tolerance)


@pytest.mark.parametrize("kind", EXPORTABLE)
@pytest.mark.parametrize("make", [hard_sharing, own_layers], ids=lambda make: make.__name__)
def test_exported_files_answer_by_task_for_any_batch(make, kind, tmp_path):
    model = with_lively_weights(make())
    answers(model, pictures(model, 1))
    check(model, exported(model, tmp_path, kind))


@pytest.mark.slow
@pytest.mark.parametrize("kind", EXPORTABLE)
@pytest.mark.parametrize(
    "make", [mmoe, ple, cross_stitch, segnet, mtan], ids=lambda make: make.__name__
)
def test_every_architecture_is_exported(make, kind, tmp_path):
    model = make()
    # Initial kernels give a deep network answers near zero, whose directions are rounding errors.
    for kernel in (v for v in model.trainable_variables if len(v.shape) == 4):
        kernel.assign(2.0 * kernel)
    answers(model, pictures(model, 1))
    check(model, exported(model, tmp_path, kind), tolerance=5e-3)


@pytest.mark.skipif(BACKEND != "jax", reason="what Keras does not offer on JAX")
def test_what_jax_cannot_export_is_said(tmp_path):
    model = hard_sharing()
    model(pictures(model, 1))
    with pytest.raises(ValueError, match="LiteRT export requires TensorFlow or PyTorch"):
        exported(model, tmp_path, "litert")
    try:
        import jax2onnx  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match="requires the jax2onnx module"):
            exported(model, tmp_path, "onnx")


@ONNX
@on_tensorflow
def test_right_after_a_fit_with_a_tap(tmp_path):
    teachers, way = {"a": toy_model(("a",), 5)}, mtkd.FeatureDistillation("features")
    distiller = mtkd.MultiTaskDistiller(toy_model(("a",)), teachers, [way])
    distiller.compile("sgd", loss={"a": toy_losses()["a"]})
    x, y = toy_data()
    distiller.fit(x, {"a": y["a"]}, verbose=0)
    exported(distiller.student, tmp_path, "onnx")


def test_a_loaded_student_must_be_called_before_onnx(tmp_path):
    hard_sharing().save(tmp_path / "student.keras")
    loaded = keras.models.load_model(tmp_path / "student.keras")
    with pytest.raises(ValueError, match="has never called"):
        exported(loaded, tmp_path, "onnx")


@ONNX
@LITERT
@pytest.mark.skipif(BACKEND != "jax", reason="TensorFlow exports itself")
def test_a_student_trained_on_jax_is_exported_by_tensorflow(tmp_path):
    model = with_lively_weights(hard_sharing())
    model.save(tmp_path / "student.keras")
    run(
        "import keras, numpy as np\n"
        "student = keras.models.load_model('student.keras')\n"
        "student(np.zeros((1, 6), 'float32'))\n"
        "student.export('student.onnx', format='onnx', verbose=False)\n"
        "student.export('student.tflite', format='litert', verbose=False)\n",
        tmp_path,
        "tensorflow",
    )
    for kind in ("onnx", "litert"):
        check(model, str(tmp_path / FORMATS[kind]))


def test_a_quantised_student_is_near_saved_and_exported(tmp_path):
    model = with_lively_weights(toy_model())
    x = pictures(model, 5)
    before = answers(model, x)
    model.quantize("int8")
    assert "int8" in {keras.backend.standardize_dtype(v.dtype) for v in model.variables}
    for task, value in answers(model, x).items():
        off = np.abs(value - before[task]).max()
        assert 0 < off < 0.05 * np.abs(before[task]).max()
    model.save(tmp_path / "student.keras")
    loaded = keras.models.load_model(tmp_path / "student.keras")
    check(loaded, exported(model, tmp_path, "tf_saved_model"))


@LITERT
@on_tensorflow
def test_litert_takes_the_converters_options(tmp_path):
    import tensorflow as tf

    model = toy_model(width=64)
    sizes = []
    for options in ({}, {"optimizations": [tf.lite.Optimize.DEFAULT]}):
        path = exported(model, tmp_path, "litert", **options)
        sizes.append((tmp_path / FORMATS["litert"]).stat().st_size)
        check(model, path, tolerance=0.05)
    assert sizes[1] < 0.7 * sizes[0]


def run(code, folder, backend=BACKEND):
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_keras_alone_loads_a_student_of_keras_layers(tmp_path):
    plain = with_lively_weights(hard_sharing())
    x = pictures(plain, 2)
    plain.save(tmp_path / "plain.keras")
    own_layers().save(tmp_path / "own.keras")
    np.savez(tmp_path / "expected.npz", x=x, **answers(plain, x))
    run(
        "import sys\n"
        "sys.modules['keras_mtkd'] = None\n"
        "import keras, numpy as np\n"
        "kept = np.load('expected.npz')\n"
        "answers = keras.models.load_model('plain.keras').predict(kept['x'], verbose=0)\n"
        "for task in ('a', 'b'):\n"
        "    np.testing.assert_allclose(answers[task], kept[task], rtol=1e-4, atol=1e-4)\n"
        "try:\n"
        "    keras.models.load_model('own.keras')\n"
        "except TypeError as error:\n"
        "    assert 'Could not locate class' in str(error), error\n"
        "else:\n"
        "    sys.exit('loaded without its layers')\n"
        "del sys.modules['keras_mtkd']\n"
        "import keras_mtkd\n"
        "keras.models.load_model('own.keras')\n",
        tmp_path,
    )
