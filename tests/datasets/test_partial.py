import keras
import numpy as np
import pytest
from helpers import SAMPLES, snapshot, toy_data, toy_losses, toy_model, toy_teachers

import keras_mtkd as mtkd
from keras_mtkd.datasets import ArrayDataset, mask_missing


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

    @pytest.mark.parametrize(
        ("given", "kind", "labels", "weights"),
        [
            ([2, None, 0], "i", [2, 0, 0], [1, 0, 1]),
            ([2, None, -1, float("nan")], "i", [2, 0, 0, 0], [1, 0, 0, 0]),
            ([1.5, None], "f", [1.5, 0.0], [1, 0]),
            ([-1.0, float("nan")], "f", [-1.0, 0.0], [1, 0]),
            ([[1.0, 2.0], None], "f", [[1.0, 2.0], [0.0, 0.0]], [1, 0]),
            (np.array([[1.5], [None]], object), "f", [[1.5], [0.0]], [1, 0]),
            (np.ma.masked_array([3, 1], [True, False]), "i", [0, 1], [0, 1]),
            ([None, None], "i", [0, 0], [0, 0]),
        ],
    )
    def test_whatever_stands_for_nothing(self, given, kind, labels, weights):
        found, weighed = mask_missing({"a": given})
        assert found["a"].dtype.kind == kind
        assert found["a"].tolist() == labels
        assert weighed["a"].tolist() == weights

    def test_columns_of_a_frame(self):
        pandas = pytest.importorskip("pandas")
        frame = {
            "answers": pandas.Series([True, None, False]),
            "objects": pandas.Series([1, None, 3], dtype=object),
            "nullable": pandas.Series([1, pandas.NA, -1], dtype="Int64"),
            "vectors": pandas.Series([np.ones(2), None, np.ones(2)]),
        }
        labels, weights = mask_missing(frame)
        assert [weights[task].tolist() for task in frame] == [
            [1, 0, 1],
            [1, 0, 1],
            [1, 0, 0],
            [1, 0, 1],
        ]
        assert labels["nullable"].dtype.kind == "i"
        assert labels["vectors"].shape == (3, 2)

    def test_nan_is_missing_beside_a_value_of_ones_own(self):
        _, weights = mask_missing({"a": np.array([0.0, np.nan, 2.0])}, missing={"a": 0.0})
        assert weights["a"].tolist() == [0.0, 0.0, 1.0]

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (["cat", None], "labels of 'a' must be numbers"),
            ([[1, 2], [3]], "labels of 'a' have different shapes"),
        ],
    )
    def test_labels_that_are_none(self, given, message):
        with pytest.raises(ValueError, match=message):
            mask_missing({"a": given})

    @pytest.mark.parametrize(
        "values", [[[1.0], [0.0], [-1.0]], [1.0, None, 0.0, -1.0], [[-1.0, 0, 1]]]
    )
    def test_real_answers_with_minus_one_are_asked_about(self, values):
        with pytest.warns(UserWarning, match=r"'a' are the real numbers -1, 0 and 1.* 1 times"):
            _, weights = mask_missing({"a": values})
        assert weights["a"].tolist() == [float(value is not None) for value in values]

    @pytest.mark.filterwarnings("error")
    def test_what_tells_what_it_is_is_not(self):
        y = {"a": np.array([1.0, 0.0, -1.0])}
        expected = {"missing": [1, 1, 0], "label": [1, 1, 1]}
        for how, arguments in (
            ("missing", {"missing": {"a": -1}}),
            ("missing", {"masks": {"a": [True, True, False]}}),
            ("label", {"missing": {"a": np.nan}}),
        ):
            assert mask_missing(y, **arguments)[1]["a"].tolist() == expected[how]
        assert mask_missing({"a": y["a"].astype(int)})[1]["a"].tolist() == [1, 1, 0]

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize(
        "values",
        [[1.0, -1.0], [0.0, -1.0], [1.0, 0.0, -1.0, 2.0], [0.0, 1.0, -1.0, 0.5], [-0.5, 0, 1]],
    )
    def test_other_real_numbers_are_labels(self, values):
        assert mask_missing({"a": np.array(values)})[1]["a"].tolist() == [1.0] * len(values)

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

    def test_classes_of_tokens_and_several_answers(self):
        tags = np.array([[3, 1, -100], [0, -100, -100]])
        labels, weights = mask_missing({"tags": tags, "answers": [[1, None], [0, 1]]})
        assert weights["tags"].tolist() == [[1, 1, 0], [1, 0, 0]]
        assert labels["tags"].tolist() == [[3, 1, 0], [0, 0, 0]]
        assert weights["answers"].tolist() == [[1, 0], [1, 1]]
        _, weights = mask_missing({"tags": tags}, positions=False)
        assert weights["tags"].tolist() == [0, 0]

    def test_vectors_are_missing_as_a_whole(self):
        _, weights = mask_missing({"a": np.array([[1.0, np.nan], [1.0, 2.0]])})
        assert weights["a"].tolist() == [0.0, 1.0]

    def test_refusals(self):
        with pytest.raises(ValueError, match="no labels for 'z'"):
            mask_missing({"a": np.ones(2)}, masks={"z": [True, True]})
        with pytest.raises(ValueError, match="mask of 'a' has shape"):
            mask_missing({"a": np.ones(2)}, masks={"a": [True]})

    @pytest.mark.parametrize(
        ("given", "wanted"),
        [
            ({"y": np.ones(2)}, r"`y` must be `\{task: labels\}`.*y of type ndarray"),
            ({"masks": np.ones(2, bool)}, r"`masks` must be `\{task: mask\}`.*type ndarray"),
            ({"missing": -1}, r"`missing` must be `\{task: value\}`.*missing of type int"),
        ],
        ids=["y", "masks", "missing"],
    )
    def test_what_has_no_tasks_is_refused(self, given, wanted):
        with pytest.raises(TypeError, match=wanted):
            mask_missing(**{"y": {"a": np.ones(2)}, **given})


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

    def test_a_task_without_any_label_has_no_score(self):
        """In `evaluate`, and in `fit`, where it is said once; the loss of all is that of others."""
        x, y = toy_data()
        y["b"] = np.full_like(y["b"], np.nan)
        labels, weights = mask_missing(y)
        metrics = {"a": ["accuracy"], "b": ["mae", keras.metrics.R2Score(name="r2")]}
        model = distiller(metrics=metrics, rate=0.0)
        with pytest.warns(UserWarning, match=r"no label of \['b'\] in this evaluation"):
            logs = model.evaluate(x, labels, sample_weight=weights, verbose=0, return_dict=True)
        assert all(np.isnan(logs[name]) for name in ("b_loss", "b_mae", "b_r2"))
        assert logs["loss"] == pytest.approx(logs["a_loss"])
        assert np.isfinite(logs["a_accuracy"])
        assert list(model.unlabelled_tasks) == ["b"]
        data, validation = toy_data(), (x, labels, weights)
        with pytest.warns(UserWarning, match="no label") as caught:
            history = model.fit(*data, validation_data=validation, epochs=2, verbose=0).history
        assert sum("no label" in str(warning.message) for warning in caught) == 1
        assert np.isnan(history["val_b_loss"]).all()
        assert np.isfinite([*history["b_loss"], *history["b_mae"], *history["val_loss"]]).all()
        model.evaluate(*data, verbose=0)
        assert list(model.unlabelled_tasks) == []

    def test_batches_without_labels_leave_an_epoch_its_score(self):
        x, y = toy_data()
        weights = {"a": np.ones(SAMPLES), "b": np.repeat([0.0, 1.0, 0.0], SAMPLES // 3)}
        model = distiller(metrics={"b": ["mae"]}, rate=0.0)
        part = slice(SAMPLES // 3, 2 * SAMPLES // 3)
        wanted = np.abs(np.asarray(model.student(x[part])["b"]) - y["b"][part]).mean()
        data = ArrayDataset(x, y, weights, batch_size=SAMPLES // 3)
        assert model.fit(data, verbose=0).history["b_mae"] == pytest.approx([wanted], rel=1e-5)
        logs = model.evaluate(data, verbose=0, return_dict=True)
        assert logs["b_mae"] == pytest.approx(wanted, rel=1e-5)
