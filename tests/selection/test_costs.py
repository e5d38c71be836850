import numpy as np
import pytest

from keras_mtkd.selection import class_centres, ground_cost, teacher_cost
from selection.classifiers import classifier, data

GENERATOR = np.random.default_rng(0)


def cosine_distance(one, other):
    norms = np.linalg.norm(one, axis=1)[:, None] * np.linalg.norm(other, axis=1)
    return 1.0 - one @ other.T / norms


class TestCosts:
    def test_cosine_distance(self):
        one, other = GENERATOR.normal(size=(4, 6)), GENERATOR.normal(size=(3, 6))
        expected = cosine_distance(one, other)
        np.testing.assert_allclose(ground_cost(one, other, rescale=False), expected)
        scaled = (expected - expected.min()) / (expected.max() - expected.min())
        np.testing.assert_allclose(ground_cost(one, other), scaled)
        np.testing.assert_allclose(ground_cost(one, other, sharpen=2.0), 1 - np.exp(-2 * scaled))

    def test_equal_classes_cost_nothing(self):
        assert ground_cost([[1.0, 2.0]], [[2.0, 4.0]]) == pytest.approx(0.0)

    def test_centres_are_unit_means(self):
        embeddings = GENERATOR.normal(size=(9, 4))
        labels = np.array([0, 1, 2] * 3)
        found = class_centres(embeddings, labels)
        means = np.stack([embeddings[labels == c].mean(axis=0) for c in range(3)])
        np.testing.assert_allclose(found, means / np.linalg.norm(means, axis=1)[:, None])

    def test_missing_labels(self):
        embeddings = GENERATOR.normal(size=(5, 4))
        found = class_centres(embeddings, [0, None, 1, -1, float("nan")])
        np.testing.assert_allclose(found, class_centres(embeddings[[0, 2]], [0, 1]))
        with pytest.raises(ValueError, match="no labelled sample"):
            class_centres(embeddings, [-1] * 5)

    def test_of_a_teacher_and_samples_without_label(self):
        model = classifier(4)
        x, y = data()
        labelled = np.arange(len(x)) % 4 > 0
        junk = np.where(labelled, y, 0)
        found = teacher_cost(model, (x, {"t": junk}, {"t": labelled.astype("float32")}), "t")
        part = (x[labelled], {"t": y[labelled]})
        np.testing.assert_allclose(found, teacher_cost(model, part, "t"), atol=1e-5)

    def test_labels_and_weights_in_lists(self):
        model = classifier(4)
        x, y = data()
        weights = (np.arange(len(x)) % 4 > 0).astype("float32")
        expected = teacher_cost(model, (x, y, weights))
        np.testing.assert_array_equal(
            teacher_cost(model, (x, y.tolist(), weights.tolist())), expected
        )
        named = (x, {"t": y.tolist()}, {"t": weights.tolist()})
        np.testing.assert_array_equal(teacher_cost(model, named, "t"), expected)

    def test_of_a_teacher(self):
        model = classifier(4)
        x, y = data()
        embeddings = np.maximum(
            x @ np.array(model.layers[1].kernel) + np.array(model.layers[1].bias), 0
        )
        rows = np.array(model.layers[2].kernel).T
        centres = class_centres(embeddings, y)
        expected = cosine_distance(rows - rows.mean(axis=0), centres - centres.mean(axis=0))
        found = teacher_cost(model, (x, {"t": y}), "t", rescale=False)
        np.testing.assert_allclose(found, expected, atol=1e-5)

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: ground_cost(np.ones((2, 3)), np.ones((2, 4))), "vectors of one length"),
            (lambda: ground_cost([[np.nan]], [[1.0]]), "must be finite"),
            (lambda: class_centres(np.ones((2, 3)), [0, 2]), "no sample of class 1"),
            (lambda: class_centres(np.ones((2, 3)), [0]), "2 embeddings and 1 labels"),
        ],
    )
    def test_refusals(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize(
    ("labels", "task", "message"),
    [
        (None, None, "has no labels, "),
        ({"a": None}, "a", "no labels for task 'a'"),
        ({"a": np.arange(3)}, "b", "no labels for task 'b'"),
        ({"a": np.arange(3)}, None, "Pass `task=`"),
    ],
)
def test_what_has_no_labels_is_named(labels, task, message):
    x = data()[0][:3]
    with pytest.raises(ValueError, match=message):
        teacher_cost(classifier(3), (x, labels), task)
