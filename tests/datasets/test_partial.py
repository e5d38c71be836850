import keras
import numpy as np
import pytest
from helpers import snapshot, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.datasets import ArrayDataset, join, mask_missing


class TestMaskMissing:
    def test_nan_negative_and_given_values(self):
        y = {
            "real": np.array([[1.0], [np.nan]], "float32"),
            "whole": np.array([-1, 2]),
            "own": np.array([255, 3], "uint8"),
        }
        labels, weights = mask_missing(y, missing={"own": 255})
        assert weights["real"].tolist() == [1.0, 0.0]
        assert weights["whole"].tolist() == [0.0, 1.0]
        assert weights["own"].tolist() == [0.0, 1.0]
        assert labels["real"].tolist() == [[1.0], [0.0]]
        assert labels["own"].tolist() == [0, 3]
        assert labels["own"].dtype == "uint8"
        assert np.isnan(y["real"][1, 0])

    def test_masks_add_to_the_rule(self):
        y = {"a": np.array([1.0, np.nan, 3.0])}
        _, weights = mask_missing(y, masks={"a": [False, True, True]})
        assert weights["a"].tolist() == [0.0, 0.0, 1.0]

    def test_positions_of_maps(self):
        depth = np.ones((2, 3, 4, 1))
        depth[0, 1, 2] = np.nan
        classes = np.zeros((2, 3, 4), int)
        classes[1, 0, 0] = -1
        normals = np.ones((2, 3, 4, 3))
        normals[0, 0, 0, 2] = np.nan
        _, weights = mask_missing({"depth": depth, "classes": classes, "normals": normals})
        for task, place in (("depth", (0, 1, 2)), ("classes", (1, 0, 0)), ("normals", (0, 0, 0))):
            expected = np.ones((2, 3, 4))
            expected[place] = 0.0
            np.testing.assert_array_equal(weights[task], expected)
        _, weights = mask_missing({"depth": depth, "classes": classes}, positions=False)
        assert weights["depth"].tolist() == [0.0, 1.0]
        assert weights["classes"].tolist() == [1.0, 0.0]

    def test_vectors_are_missing_as_a_whole(self):
        _, weights = mask_missing({"a": np.array([[1.0, np.nan], [1.0, 2.0]])})
        assert weights["a"].tolist() == [0.0, 1.0]

    def test_refusals(self):
        with pytest.raises(ValueError, match="no labels for 'z'"):
            mask_missing({"a": np.ones(2)}, masks={"z": [True, True]})
        with pytest.raises(ValueError, match="mask of 'a' has shape"):
            mask_missing({"a": np.ones(2)}, masks={"a": [True]})


def source(task, samples, batch_size=4, seed=0):
    x, y = toy_data(seed, samples)
    x[:, 0] = np.arange(samples)
    return ArrayDataset(x, {task: y[task]}, batch_size=batch_size)


def epoch(stream):
    return [stream[index] for index in range(stream.num_batches)]


class TestJoin:
    def test_mixed_batches_have_all_sources(self):
        stream = join({"one": source("a", 12), "two": source("b", 4)})
        batches = epoch(stream)
        assert stream.tasks == ["a", "b"]
        assert [len(x) for x, _, _ in batches] == [8, 8, 8]
        for _, y, weights in batches:
            assert weights["a"].tolist() == [1.0] * 4 + [0.0] * 4
            assert weights["b"].tolist() == [0.0] * 4 + [1.0] * 4
            assert y["b"].shape == (8, 1)
            assert not y["b"][:4].any()

    def test_every_batch_once_if_proportional(self):
        for batches in ("mixed", "per-task"):
            stream = join({"one": source("a", 12), "two": source("b", 8)}, batches, "proportional")
            seen = {"a": [], "b": []}
            for x, _, weights in epoch(stream):
                for task, numbers in seen.items():
                    numbers += x[weights[task] == 1.0, 0].tolist()
            assert sorted(seen["a"]) == list(range(12))
            assert sorted(seen["b"]) == list(range(8))

    def test_balanced_turns(self):
        stream = join({"one": source("a", 12), "two": source("b", 4)}, "per-task")
        tasks = ["a" if weights["a"].any() else "b" for _, _, weights in epoch(stream)]
        assert sorted(tasks) == ["a"] * 3 + ["b"] * 3
        stream.on_epoch_end()
        again = ["a" if weights["a"].any() else "b" for _, _, weights in epoch(stream)]
        assert again != tasks
        stream.reset()
        first = ["a" if weights["a"].any() else "b" for _, _, weights in epoch(stream)]
        assert first == tasks

    def test_own_weights_and_shared_tasks(self):
        x, y = toy_data(0, 4)
        weighted = ArrayDataset(x, y, {"a": np.array([0.0, 1.0, 2.0, 3.0])}, batch_size=4)
        _, _, weights = join({"one": weighted, "two": source("a", 4)})[0]
        assert weights["a"].tolist() == [0.0, 1.0, 2.0, 3.0, 1.0, 1.0, 1.0, 1.0]
        assert weights["b"].tolist() == [1.0] * 4 + [0.0] * 4

    def test_fingerprint_tells_joins_apart(self):
        one = join({"one": source("a", 8)})
        assert one.fingerprint() == join({"one": source("a", 8)}).fingerprint()
        assert one.fingerprint() != join({"one": source("a", 8, seed=1)}).fingerprint()

    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: join({}), ValueError, "no source to join"),
            (lambda: join({"a": [1, 2]}), TypeError, "source .a. must be"),
            (lambda: join({"a": source("a", 4)}, "x"), ValueError, "`batches` must be one of"),
            (lambda: join({"a": source("a", 4)}, balance="x"), ValueError, "`balance` must be"),
            (
                lambda: join(
                    {
                        "one": ArrayDataset(np.ones((2, 6)), {"a": np.ones((2, 1))}),
                        "two": ArrayDataset(np.ones((2, 6)), {"a": np.ones((2, 3))}),
                    }
                ),
                ValueError,
                "labels task 'a' with shape",
            ),
        ],
    )
    def test_refusals(self, make, error, message):
        with pytest.raises(error, match=message):
            make()


def distiller(*ways, metrics=None, rate=0.05):
    keras.utils.set_random_seed(0)
    model = mtkd.MultiTaskDistiller(toy_model(), toy_teachers() if ways else {}, list(ways))
    model.compile(keras.optimizers.SGD(rate), loss=toy_losses(), metrics=metrics)
    return model


class TestTraining:
    def test_a_task_absent_from_a_batch_contributes_exactly_nothing(self):
        x, y = toy_data()
        y["b"] = np.full_like(y["b"], np.nan)
        labels, weights = mask_missing(y)
        model = distiller()
        before = {layer.name: snapshot(layer) for layer in model.student.layers}
        head = model.student.layers[-1]
        history = model.fit(x, labels, sample_weight=weights, verbose=0).history
        assert history["b_loss"] == [0.0]
        for one, other in zip(before[head.name], snapshot(head), strict=True):
            np.testing.assert_array_equal(one, other)
        alone = distiller()
        alone.task_weights.assign([1.0, 0.0])
        alone.fit(x, labels, verbose=0)
        for one, other in zip(snapshot(model.student), snapshot(alone.student), strict=True):
            np.testing.assert_array_equal(one, other)

    def test_metrics_count_labelled_samples_alone(self):
        x, y = toy_data()
        labelled = np.arange(len(x)) % 3 > 0
        weight = 2.0 * labelled.astype("float32")
        metrics = {
            "a": [keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
            "b": [keras.metrics.MeanAbsoluteError(name="mae"), keras.metrics.R2Score(name="r2")],
        }
        model = distiller(metrics=metrics, rate=0.0)
        history = model.fit(
            x, y, sample_weight={"a": weight, "b": weight}, batch_size=16, verbose=0
        ).history
        outputs = {task: np.array(value)[labelled] for task, value in model.student(x).items()}
        right = outputs["a"].argmax(axis=1) == y["a"][labelled]
        assert history["a_accuracy"][0] == pytest.approx(right.mean())
        error = np.abs(outputs["b"] - y["b"][labelled])
        assert history["b_mae"][0] == pytest.approx(error.mean(), rel=1e-5)
        spread = np.sum((y["b"][labelled] - y["b"][labelled].mean()) ** 2)
        assert history["b_r2"][0] == pytest.approx(1 - np.sum(error**2) / spread, rel=1e-4)

    @pytest.mark.parametrize(
        ("choice", "chosen"), [(True, [0, 1, 1]), (False, [1, 1, 1]), ("missing", [1, 0, 0])]
    )
    def test_teachers_fill_in_for_missing_labels(self, choice, chosen):
        x, y = toy_data()
        weight = (np.arange(len(x)) % 3 > 0).astype("float32")
        way = mtkd.LogitDistillation(tasks=["b"], use_sample_weight=choice)
        model = distiller(way, rate=0.0)
        weights = {"a": np.ones(len(x)), "b": weight}
        history = model.fit(x, y, sample_weight=weights, batch_size=len(x), verbose=0).history
        mine, theirs = model.student(x)["b"], model.teachers["b"](x)["b"]
        squares = (np.array(mine) - np.array(theirs))[:, 0] ** 2
        expected = np.mean(squares * np.resize(chosen, len(x)))
        assert history["b_distillation_loss"][0] == pytest.approx(expected, rel=1e-5)

    def test_refuses_other_choices(self):
        with pytest.raises(ValueError, match="must be True, False or 'missing'"):
            mtkd.FeatureDistillation("features", use_sample_weight="x")

    def test_indicators_count_labelled_samples_alone(self):
        from keras_mtkd.indicators import probe_losses

        x, y = toy_data()
        labelled = np.arange(len(x)) % 4 > 0
        weight = {"b": labelled.astype("float32")}
        model = toy_model()
        found = probe_losses({"a": model, "b": model}, toy_losses(), (x, y, weight), len(x))
        expected = np.mean((np.array(model(x)["b"]) - y["b"])[labelled] ** 2)
        assert found["b"] == pytest.approx(expected, rel=1e-5)
        full = probe_losses({"a": model}, toy_losses(), (x, y), len(x))
        assert found["a"] == pytest.approx(full["a"], rel=1e-5)


def test_sources_are_told_that_an_epoch_begins():
    class Told(ArrayDataset):
        begun = 0

        def on_epoch_begin(self):
            self.begun += 1

    sources = {name: Told(np.zeros((4, 1)), {name: np.zeros(4)}) for name in "ab"}
    join(sources).on_epoch_begin()
    assert [source.begun for source in sources.values()] == [1, 1]


def test_sources_may_be_arrays():
    x = np.arange(4.0)[:, None]
    data = join({"a": (x, {"a": x}), "b": (x, {"b": x})})
    assert data.tasks == ["a", "b"] and data.num_batches == 1
