import shutil

import keras
import numpy as np
import pytest
from helpers import SAMPLES, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd._graph.taps import TappedModel
from keras_mtkd.plots import training_graph


def distiller(ways=None, teachers=None):
    default = [mtkd.FeatureDistillation("features"), mtkd.LogitDistillation(tasks=["a"])]
    teachers = toy_teachers() if teachers is None else teachers
    return mtkd.MultiTaskDistiller(toy_model(), teachers, default if ways is None else ways)


def test_the_graph_gives_what_a_step_compares():
    model = distiller()
    x = toy_data()[0]
    got = training_graph(model)(x)
    assert sorted(got) == ["a", "a/features", "a/logits", "b", "b/features"]
    outputs, taps = TappedModel(model.student, ["features"])(x)
    _, theirs = TappedModel(model.teachers["b"], ["features"])(x)
    student, teacher = got["b/features"]
    adapted = np.array(taps["features"]) @ np.array(model.adaptors["b/features"].kernel)
    np.testing.assert_allclose(student, adapted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(teacher, theirs["features"], rtol=1e-5, atol=1e-6)
    student, teacher = got["a/logits"]
    np.testing.assert_allclose(student, outputs["a"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(teacher, model.teachers["a"](x)["a"], rtol=1e-5, atol=1e-6)


def test_its_layers_are_the_distillers():
    model = distiller()
    before = [variable.path for variable in model.variables]
    graph = training_graph(model)
    names = {layer.name for layer in graph.layers}
    assert {model.student.name, "teacher_a", "teacher_b", "adaptor_a_features"} <= names
    assert {"compare_a_features", "compare_b_features", "compare_a_logits"} <= names
    assert graph.get_layer("adaptor_a_features") is model.adaptors["a/features"]
    assert [variable.path for variable in model.variables] == before
    model.compile("sgd", loss=toy_losses())
    assert np.isfinite(model.fit(*toy_data(), batch_size=SAMPLES, verbose=0).history["loss"]).all()


def test_without_teachers():
    plain = training_graph(distiller(ways=[], teachers={}))
    assert sorted(plain.output) == ["a", "b"]


def test_heads_of_the_student_that_teach_one_another():
    inputs = keras.Input((6,))
    student = keras.Model(inputs, {task: keras.layers.Dense(1)(inputs) for task in "ab"})
    ways = [mtkd.LogitDistillation(["a"], loss="mse", source="b", name="cross")]
    graph = training_graph(mtkd.MultiTaskDistiller(student, {}, ways))
    x = toy_data()[0]
    mine, theirs = graph(x)["a/cross"]
    outputs = student(x)
    np.testing.assert_allclose(mine, outputs["a"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(theirs, outputs["b"], rtol=1e-5, atol=1e-6)


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz's `dot` is not installed")
@pytest.mark.extra("pydot")
def test_keras_draws_it(tmp_path):
    path = tmp_path / "graph.png"
    keras.utils.plot_model(training_graph(distiller()), path, show_layer_names=True)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_summary_counts_student_adaptors_and_frozen_teachers():
    model, lines = distiller(), []
    model.summary(print_fn=lambda text, **_: lines.append(text))
    text = "\n".join(lines)
    for name in (model.student.name, "adaptor_a_features", "teacher_a", "teacher_b"):
        assert name in text
    counts = {layer.name: layer.count_params() for layer in model.layers}
    trained = model.student.count_params() + sum(
        layer.count_params() for layer in model.adaptors.values()
    )
    assert trained == 164 + 2 * 8 * 5
    own = 2 + 2 + 2  # weights of tasks, of distillation by task and by way
    frozen = counts["teacher_a"] + counts["teacher_b"] + counts["schedule"] + own
    assert f"Total params: {trained + frozen} " in text
    assert f"Trainable params: {trained} " in text
    assert f"Non-trainable params: {frozen} " in text
    assert sum(counts.values()) + own == trained + frozen
