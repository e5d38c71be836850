import numpy as np
import pytest
from helpers import toy_model

import keras_mtkd as mtkd
from callbacks.three_tasks import LOSSES, TASKS, data, distiller, fit, model_of, walk
from keras_mtkd.callbacks import SimilarityGrouping
from keras_mtkd.scheduling import group_tasks
from keras_mtkd.similarity import task_similarity


class TestSimilarityGrouping:
    def test_groups_by_the_teachers_features(self):
        model, grouping = distiller(), SimilarityGrouping(n_blocks=2)
        history = fit(model, grouping, epochs=1)
        expected = task_similarity(model.teachers, data()[0])
        np.testing.assert_allclose(grouping.similarity, expected, rtol=1e-5)
        assert grouping.tasks == list(TASKS)
        assert model.blocks == group_tasks(expected, TASKS, n_blocks=2)
        for number, block in enumerate(model.blocks):
            assert all(history[f"{task}_block"] == [number] for task in block)

    def test_keeps_blocks_that_are_there(self):
        model, grouping = distiller(), SimilarityGrouping()
        model.blocks = [["c"], ["b", "a"]]
        walk(model, grouping, epochs=1)
        assert model.blocks == [["c"], ["b", "a"]]
        assert grouping.similarity is None

    def test_reads_data_sets_and_own_data(self):
        model = distiller()
        grouping = SimilarityGrouping(samples=20, data=data(5))
        train = mtkd.datasets.ArrayDataset(*data(), batch_size=16)
        model.fit(train, verbose=0, callbacks=[grouping])
        expected = task_similarity(model.teachers, data(5)[0], samples=20)
        np.testing.assert_allclose(grouping.similarity, expected, rtol=1e-5)
        grouping, other = SimilarityGrouping(), distiller()
        other.fit(train, verbose=0, callbacks=[grouping])
        expected = task_similarity(other.teachers, data()[0])
        np.testing.assert_allclose(grouping.similarity, expected, rtol=1e-5)
        assert other.blocks is not None

    def test_needs_teachers_and_a_layer(self):
        with pytest.raises(ValueError, match="compares teachers, and there are none"):
            walk(distiller(teachers=()), SimilarityGrouping(), epochs=1)
        model = mtkd.MultiTaskDistiller(
            model_of(TASKS, 8), {"a": model_of(("a",), 5)}, [mtkd.LogitDistillation()]
        )
        model.compile("sgd", loss=LOSSES)
        with pytest.raises(ValueError, match=r"Pass .*SimilarityGrouping\(layer="):
            walk(model, SimilarityGrouping(), epochs=1)
        walk(model, SimilarityGrouping(layer="features"), epochs=1)
        assert model.blocks == [["a"]]

    def test_compares_what_each_task_taps(self):
        ways = [
            mtkd.FeatureDistillation("features", {"a": "hidden"}, ["a"], name="one"),
            mtkd.FeatureDistillation("features", tasks=["b", "c"], name="two"),
        ]
        teachers = {**distiller().teachers, "a": toy_model(("a",), 5)}
        model = mtkd.MultiTaskDistiller(model_of(TASKS, 8), teachers, ways)
        layers = {"a": "hidden", "b": "features", "c": "features"}
        assert SimilarityGrouping().check(model) == layers

    @pytest.mark.parametrize(
        ("layer", "told"),
        [
            (None, r"teachers of \['b', 'c'\].*layer=\{'a': 'features', 'b': 'layer of"),
            ({"a": "features"}, r"teachers of \['b', 'c'\]"),
            ("deep", "'deep' of the teacher of 'a': There is no layer 'deep'.*layer={task: path}"),
        ],
        ids=["no way", "no path", "no layer"],
    )
    def test_a_task_without_a_layer_is_named_when_training_begins(self, layer, told):
        ways = [mtkd.FeatureDistillation("features", tasks=["a"])]
        model = mtkd.MultiTaskDistiller(model_of(TASKS, 8), distiller().teachers, ways)
        grouping = SimilarityGrouping(layer=layer)
        grouping.set_model(model)
        with pytest.raises(ValueError, match=told):
            grouping.on_train_begin()
